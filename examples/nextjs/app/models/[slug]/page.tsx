import { TrackView } from "model-views-client/react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Details } from "@/components/details";
import { Portrait } from "@/components/portrait";
import { ViewCount } from "@/components/view-count";
import { categoryOf, MODELS, modelOf } from "@/lib/models";

type Props = PageProps<"/models/[slug]">;

/** All pages are built ahead, so no navigation waits for one. proxy.ts answers all other addresses. */
export const instant = false;

export function generateStaticParams() {
  return MODELS.map(({ slug }) => ({ slug }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const model = modelOf((await params).slug);
  return model === undefined ? {} : { title: model.name, description: model.line };
}

export default async function ProfilePage({ params }: Props) {
  const model = modelOf((await params).slug);
  if (model === undefined) notFound();
  const category = categoryOf(model.category);
  return (
    <article className="profile">
      <TrackView modelId={model.id} />
      <Portrait model={model} />
      <div>
        <p className="kicker">
          <Link href={`/categories/${model.category}`}>{category?.name}</Link>
        </p>
        <h1>{model.name}</h1>
        <p className="lead">{model.line}</p>
        <ViewCount modelId={model.id} />
        <Details model={model} />
        <p className="more">
          <Link className="button" href={`/models/${model.slug}/card`}>
            Set card
          </Link>
          <Link className="button" href={`/lookbook/${model.slug}`}>
            Lookbook
          </Link>
        </p>
      </div>
    </article>
  );
}
