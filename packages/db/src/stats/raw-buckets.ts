import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Bucket } from "@model-views/shared/contracts/timeseries.ts";
import type { Ask } from "../postgres/transaction.ts";
import type { Span } from "./buckets.ts";
import { NOT_EXPIRED, viewsWhere } from "./views-where.ts";

/** Days of retired months on which there were views, and how many. */
const COUNTED_DAYS = `select d.day, sum(d.views)::float8 as views
  from model_days d
  where d.day >= ($1::timestamptz at time zone 'utc')::date and d.day <= ($2::timestamptz at time zone 'utc')::date
    and date_trunc('month', d.day)::date in (select month from retired_months)
    and ($3::uuid is null or d.model_id = $3)
  group by 1`;

/** Every day of retired months: of bots nothing is left to tell whether there were any. */
const ALL_DAYS = `select d::date as day, null::float8 as views
  from retired_months r, generate_series(r.month, r.month + interval '1 month' - interval '1 day', interval '1 day') d
  where $3::uuid is null or $3 is not null`;

/**
 * What retention has removed is still known by day in UTC, without viewers. A day that lies in one bucket counts there;
 * one that several buckets or an end of the period cut in two makes them unknown.
 */
const removed = (days: string) => `
select least($2, greatest(day_start, $1)) as first, least(day_end, $2) as last, views,
  day_start >= $1 and day_end <= $2 as "isWhole"
from (
  select views, day::timestamp at time zone 'utc' as day_start, (day + 1)::timestamp at time zone 'utc' as day_end
  from (${days}) days
) spans
where day_start < $2 and day_end > $1`;

type RemovedDay = { first: Date; last: Date; views: number | null; isWhole: boolean };
type Figures = Omit<Bucket, "start">;

/**
 * Counts the views and viewers of neighbouring buckets from the views themselves, as far as they are in the period: of one
 * model by their primary key, of the site all that are there.
 */
export async function rawBuckets(
  ask: Ask,
  buckets: readonly Span[],
  { modelId, bots, ...period }: Period & { modelId?: string | undefined; bots: Bots },
): Promise<Figures[]> {
  const from = new Date(Math.max(period.from.getTime(), buckets[0]?.start.getTime() ?? 0));
  const to = buckets.at(-1)?.end ?? period.to;
  const { where, values } = viewsWhere({ from, to, bots, modelId }, 1);
  const { rows } = await ask<{ index: number; views: number; viewers: number }>(
    `select index - 1 as index, sum(views)::float8 as views, count(*)::float8 as viewers
     from (
       select width_bucket(viewed_at, $1::timestamptz[]) as index, viewer_identifier, count(*) as views
       from model_views where ${where} and ${NOT_EXPIRED} group by 1, 2
     ) each_viewer group by 1`,
    [buckets.map(({ start }) => start), ...values],
  );
  const figures = buckets.map((): Figures => ({ views: 0, uniqueViews: 0 }));
  for (const { index, views, viewers } of rows) figures[index] = { views, uniqueViews: viewers };
  const days = await ask<RemovedDay>(removed(bots === "exclude" ? COUNTED_DAYS : ALL_DAYS), [
    from,
    to,
    modelId ?? null,
  ]);
  for (const day of days.rows) addRemoved(figures, buckets, day);
  return figures;
}

function addRemoved(figures: Figures[], buckets: readonly Span[], day: RemovedDay): void {
  const touched = buckets.flatMap(({ start, end }, index) => {
    const isTouched = start < day.last && end > day.first;
    return isTouched ? (figures[index] ?? []) : [];
  });
  for (const bucket of touched) {
    bucket.uniqueViews = null;
    const isKnown = day.isWhole && touched.length === 1;
    bucket.views = isKnown && day.views !== null && bucket.views !== null ? bucket.views + day.views : null;
  }
}
