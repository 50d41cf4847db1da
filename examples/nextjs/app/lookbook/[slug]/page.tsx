import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Portrait } from "@/components/portrait";
import { ViewCount } from "@/components/view-count";
import { MODELS, modelOf } from "@/lib/models";

type Props = PageProps<"/lookbook/[slug]">;

/** All pages are built ahead, so no navigation waits for one. proxy.ts answers all other addresses. */
export const instant = false;

export function generateStaticParams() {
  return MODELS.map(({ slug }) => ({ slug }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const model = modelOf((await params).slug);
  return model === undefined ? {} : { title: `${model.name}, lookbook` };
}

/** A page that the script of its layout counts. The page only names the model. */
export default async function LookbookPage({ params }: Props) {
  const model = modelOf((await params).slug);
  if (model === undefined) notFound();
  const next = MODELS[(MODELS.indexOf(model) + 1) % MODELS.length] ?? model;
  return (
    <article className="lookbook" data-model-id={model.id}>
      <header style={{ background: `linear-gradient(${model.look.light}, ${model.look.wall})` }}>
        <Portrait model={model} cutOut decorative />
        <h1>{model.name}</h1>
      </header>
      <div className="spread">
        <Portrait model={model} crop="face" mirrored />
        <blockquote>
          <p>{model.line}</p>
        </blockquote>
      </div>
      <ViewCount modelId={model.id} />
      <nav aria-label="Lookbooks">
        <Link href={`/models/${model.slug}`}>Profile of {model.name}</Link>
        <Link href={`/lookbook/${next.slug}`}>Next: {next.name}</Link>
      </nav>
    </article>
  );
}
