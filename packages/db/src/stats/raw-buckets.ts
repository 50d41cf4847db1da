import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Bucket } from "@model-views/shared/contracts/timeseries.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { isRetired, NOT_RETIRED } from "../rollups/retired-months.ts";
import type { Span } from "./buckets.ts";
import { type ViewsFilter, viewsWhere } from "./views-where.ts";

type BucketStats = Omit<Bucket, "start">;

/**
 * Counts the views and viewers of neighbouring buckets from the views themselves, as far as they are in the period: of one
 * model by their primary key, of the site all views of the buckets.
 */
export async function rawBuckets(
  ask: Ask,
  buckets: readonly Span[],
  { modelId, bots, ...period }: Period & { modelId?: string | undefined; bots: Bots },
): Promise<BucketStats[]> {
  const from = new Date(Math.max(period.from.getTime(), buckets[0]?.start.getTime() ?? 0));
  const to = buckets.at(-1)?.end ?? period.to;
  const filter: ViewsFilter = { from, to, bots, modelId };
  const starts = sql`${sql.param(buckets.map(({ start }) => start))}::timestamptz[]`;
  const { rows } = await ask<{ index: number; views: number; viewers: number }>(sql`
    select index - 1 as index, sum(views)::float8 as views, count(*)::float8 as viewers
    from (
      select width_bucket(viewed_at, ${starts}) as index, viewer_identifier, count(*) as views
      from model_views where ${viewsWhere(filter)} and ${NOT_RETIRED} group by 1, 2
    ) each_viewer group by 1`);
  const stats = buckets.map((): BucketStats => ({ views: 0, uniqueViews: 0 }));
  for (const { index, views, viewers } of rows) stats[index] = { views, uniqueViews: viewers };
  const removed = await ask<RemovedDay>(removedDays(filter));
  for (const day of removed.rows) addRemoved(stats, buckets, day);
  return stats;
}

/** A day of a removed month, as far as it is in the period. Of bots its views are unknown. */
type RemovedDay = { first: Date; last: Date; views: number | null; isWhole: boolean };

/** SQL: what remains of removed months is the views of each day in UTC, without viewers. */
function removedDays(filter: ViewsFilter): SQL {
  const { from, to, bots } = filter;
  return sql`
    select least(${to}, greatest(day_start, ${from})) as first, least(day_end, ${to}) as last, views,
      day_start >= ${from} and day_end <= ${to} as "isWhole"
    from (
      select views, day::timestamp at time zone 'utc' as day_start,
        (day + 1)::timestamp at time zone 'utc' as day_end
      from (${bots === "exclude" ? viewedDays(filter) : ALL_DAYS}) days
    ) spans
    where day_start < ${to} and day_end > ${from}`;
}

/** SQL: days of removed months on which there were views, and how many. */
function viewedDays({ from, to, modelId }: ViewsFilter): SQL {
  return sql`
    select d.day, sum(d.views)::float8 as views
    from model_days d
    where d.day >= (${from}::timestamptz at time zone 'utc')::date
      and d.day <= (${to}::timestamptz at time zone 'utc')::date and ${isRetired(sql`d.day`)}
      and ${modelId === undefined ? sql`true` : sql`d.model_id = ${modelId}`}
    group by 1`;
}

/** SQL: every day of removed months: whether there were bots is unknown. */
const ALL_DAYS = sql`
  select d::date as day, null::float8 as views
  from retired_months r,
    generate_series(r.month, r.month + interval '1 month' - interval '1 day', interval '1 day') d`;

/** A removed day in one bucket counts there; one that buckets or an end of the period cut makes theirs unknown. */
function addRemoved(stats: BucketStats[], buckets: readonly Span[], day: RemovedDay): void {
  const touched = buckets.flatMap(({ start, end }, index) => {
    const isTouched = start < day.last && end > day.first;
    return isTouched ? (stats[index] ?? []) : [];
  });
  for (const bucket of touched) {
    bucket.uniqueViews = null;
    const isKnown = day.isWhole && touched.length === 1;
    bucket.views = isKnown && day.views !== null && bucket.views !== null ? bucket.views + day.views : null;
  }
}
