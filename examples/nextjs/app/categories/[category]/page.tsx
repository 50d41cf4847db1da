import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Suspense } from "react";
import { Portrait } from "@/components/portrait";
import { CATEGORIES, categoryOf, MODELS, type Model } from "@/lib/models";
import { atRequest, statsOfAll } from "@/lib/stats";
import { count } from "@/lib/words";

type Props = PageProps<"/categories/[category]">;

/** Every page there is, is built: there is none that a navigation could wait for. proxy.ts answers the other addresses. */
export const instant = false;

export function generateStaticParams() {
  return CATEGORIES.map(({ slug }) => ({ category: slug }));
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const category = categoryOf((await params).category);
  return category === undefined ? {} : { title: category.name, description: category.line };
}

export default async function CategoryPage({ params }: Props) {
  const category = categoryOf((await params).category);
  if (category === undefined) notFound();
  const models = MODELS.filter((model) => model.category === category.slug);
  return (
    <section className="category" aria-labelledby="category">
      <header>
        <h1 id="category">{category.name}</h1>
        <p className="lead">{category.line}</p>
      </header>
      <Suspense fallback={<ModelGrid models={models} views={new Map()} />}>
        <CountedModels models={models} />
      </Suspense>
    </section>
  );
}

async function CountedModels({ models }: { models: Model[] }) {
  const stats = await atRequest(() => statsOfAll(models.map(({ id }) => id)));
  const views = new Map(stats?.data.map(({ modelId, totalViews }) => [modelId, totalViews]));
  return <ModelGrid models={models} views={views} />;
}

function ModelGrid({ models, views }: { models: Model[]; views: Map<string, number> }) {
  return (
    <ul className="grid">
      {models.map((model) => {
        const viewed = views.get(model.id);
        return (
          <li key={model.id}>
            <Link href={`/models/${model.slug}`}>
              <Portrait model={model} decorative />
              <span className="name">{model.name}</span>
              <span className="count">
                {viewed === undefined ? "\u00a0" : count(viewed, "view", "views")}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
