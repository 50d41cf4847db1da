import Link from "next/link";
import { Portrait } from "@/components/portrait";
import { modelById } from "@/lib/models";
import { atRequest, type Stats } from "@/lib/stats";
import { ago, count } from "@/lib/words";

const PLACES = 4;

type RankedModel = { modelId: string; totalViews: number; uniqueViews: number };

/** The places of a top list, with their counts. */
export async function Ranking({ load }: { load: () => Promise<Stats<RankedModel[]>> }) {
  const stats = await atRequest(load);
  if (stats === null) return <p className="quiet">The counts are not here right now. The models are.</p>;
  const places = stats.data.flatMap(({ modelId, totalViews, uniqueViews }) => {
    const model = modelById(modelId);
    return model === null ? [] : [{ model, totalViews, uniqueViews }];
  });
  if (places.length === 0) return <p className="quiet">No one yet. Open a profile, and come back.</p>;
  return (
    <>
      <ol className="ranking">
        {places.slice(0, PLACES).map(({ model, totalViews, uniqueViews }) => (
          <li key={model.id}>
            <Link href={`/models/${model.slug}`}>
              <Portrait model={model} crop="face" decorative />
              <span className="name">{model.name}</span>
              <span className="count">
                {count(totalViews, "view", "views")}
                <span className="by"> by {count(uniqueViews, "person", "people")}</span>
              </span>
            </Link>
          </li>
        ))}
      </ol>
      <p className="as-of">
        Counted <time dateTime={stats.asOf.toISOString()}>{ago(stats.asOf, new Date())}</time>
      </p>
    </>
  );
}

export function RankingSkeleton() {
  return (
    <ol className="ranking skeleton" aria-hidden="true">
      {["a", "b", "c", "d"].map((place) => (
        <li key={place}>
          <span className="box" />
          <span className="line" />
        </li>
      ))}
    </ol>
  );
}
