import { TrackView } from "model-views-client/react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Details } from "@/components/details";
import { Portrait } from "@/components/portrait";
import { ViewCount } from "@/components/view-count";
import { MODELS, modelOf } from "@/lib/models";
import { viewCard } from "./actions";

type Props = PageProps<"/models/[slug]/card">;

/** All pages are built ahead, so no navigation waits for one. proxy.ts answers all other addresses. */
export const instant = false;

export function generateStaticParams() {
  return MODELS.map(({ slug }) => ({ slug }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const model = modelOf((await params).slug);
  return model === undefined ? {} : { title: `${model.name}, set card`, robots: { index: false } };
}

/** A page that counts on the server: its view is sent by a server action, a request that no blocker recognises. */
export default async function CardPage({ params }: Props) {
  const model = modelOf((await params).slug);
  if (model === undefined) notFound();
  return (
    <article className="card">
      <TrackView modelId={model.id} track={viewCard} />
      <header>
        <h1>{model.name}</h1>
        <p>Vesper</p>
      </header>
      <div className="pictures">
        <Portrait model={model} />
        <Portrait model={model} crop="face" mirrored decorative />
        <Portrait model={model} crop="face" decorative />
      </div>
      <Details model={model} />
      <ViewCount modelId={model.id} />
      <p className="more">
        <Link href={`/models/${model.slug}`}>Back to the profile</Link>
      </p>
    </article>
  );
}
