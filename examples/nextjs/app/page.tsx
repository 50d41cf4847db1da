import Link from "next/link";
import { Suspense } from "react";
import { refreshStats } from "@/app/actions";
import { Portrait } from "@/components/portrait";
import { Ranking, RankingSkeleton } from "@/components/ranking";
import { RefreshButton } from "@/components/refresh-button";
import { CATEGORIES, MODELS } from "@/lib/models";
import { mostViewed, trending } from "@/lib/stats";

const ON_THE_COVER = ["mei-tanaka", "idris-bello", "tilda-lindqvist"];

export default function FrontPage() {
  return (
    <>
      <section className="hero">
        <div>
          <h1>Faces you look at twice.</h1>
          <p className="lead">
            Twelve people, three categories, and a count of everyone who stopped to look.
          </p>
          <Link className="button" href="/categories/women">
            See the models
          </Link>
        </div>
        <ul className="cover">
          {MODELS.filter(({ slug }) => ON_THE_COVER.includes(slug)).map((model) => (
            <li key={model.id}>
              <Link href={`/models/${model.slug}`}>
                <Portrait model={model} />
                <span>{model.name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>

      <section className="rankings" aria-labelledby="most-viewed">
        <header>
          <h2 id="most-viewed">Looked at most</h2>
          <form action={refreshStats}>
            <RefreshButton />
          </form>
        </header>
        <div className="columns">
          <section className="trending" aria-labelledby="trending">
            <h3 id="trending">Trending</h3>
            <Suspense fallback={<RankingSkeleton />}>
              <Ranking load={trending} />
            </Suspense>
          </section>
          {CATEGORIES.map(({ slug, name }) => (
            <section key={slug} aria-labelledby={slug}>
              <h3 id={slug}>
                <Link href={`/categories/${slug}`}>{name}</Link>
              </h3>
              <Suspense fallback={<RankingSkeleton />}>
                <Ranking load={() => mostViewed(name)} />
              </Suspense>
            </section>
          ))}
        </div>
      </section>
    </>
  );
}
