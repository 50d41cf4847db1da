import type { Period } from "@model-views/shared/period.ts";
import type { Bots } from "@model-views/shared/stats.ts";
import type { Bucket, Interval } from "@model-views/shared/timeseries.ts";
import type { Ask } from "../transaction.ts";
import { instantOfLocal } from "./period.ts";
import { NOT_RETIRED, viewsWhere } from "./views-where.ts";

export type TimeseriesQuestion = Period & {
  /** Of one model; of the whole site when absent. */
  modelId?: string | undefined;
  interval: Interval;
  tz: string;
  bots: Bots;
};

/**
 * The starts of all buckets, also of empty ones; a bucket ends where the next one begins. Hours are found by looking every
 * 15 minutes, because a change of the clock may be half an hour; the others by the local calendar.
 */
const STARTS = {
  hour: `select distinct date_trunc('hour', t, $3) as start
    from generate_series($1::timestamptz, $2::timestamptz - interval '1 microsecond', interval '15 minutes') t
    union select date_trunc('hour', $2::timestamptz - interval '1 microsecond', $3)`,
  day: calendar("day"),
  week: calendar("week"),
  month: calendar("month"),
} as const satisfies Record<Interval, string>;

function calendar(unit: string): string {
  return `select distinct ${instantOfLocal("local", "$3")} as start
    from generate_series(
      date_trunc('${unit}', $1::timestamptz at time zone $3),
      ($2::timestamptz - interval '1 microsecond') at time zone $3,
      interval '1 ${unit}'
    ) local`;
}

/** Days of retired months on which there were views, and how many. */
const COUNTED_DAYS = `select d.day, sum(d.views)::float8 as views
  from model_days d
  where d.day >= ($1::timestamptz at time zone 'utc')::date and d.day <= ($2::timestamptz at time zone 'utc')::date
    and date_trunc('month', d.day)::date in (select month from retired_months)
    and ($4::uuid is null or d.model_id = $4)
  group by 1`;

/** Every day of retired months: of bots nothing is left to tell whether there were any. */
const ALL_DAYS = `select d::date as day, null::float8 as views
  from retired_months r, generate_series(r.month, r.month + interval '1 month' - interval '1 day', interval '1 day') d
  where $4::uuid is null or $4 is not null`;

/**
 * What retention has removed is still known by day in UTC, without viewers. A day that lies in one bucket counts there;
 * one that several buckets or an end of the period cut in two makes them unknown.
 */
const removed = (days: string) => `
select least($2, greatest(day_start, $1)) as first, least(day_end, $2) as last, views,
  day_start >= $1 and day_end <= $2 as is_whole
from (
  select views, day::timestamp at time zone 'utc' as day_start, (day + 1)::timestamp at time zone 'utc' as day_end
  from (${days}) days
) spans
where day_start < $2 and day_end > $1 and $3::text is not null`;

type RemovedDay = { first: Date; last: Date; views: number | null; is_whole: boolean };

/**
 * How many views and viewers in each hour, day, week or month of a time zone? Without gaps; the first and the last bucket
 * hold only what is in the period. Ask it in a transaction of one snapshot.
 *
 * Reads the views themselves: for one model by their primary key, for the site all of the period. `uniqueViews` and
 * `views` are null where retention has removed what would tell them exactly.
 */
export async function timeseries(ask: Ask, question: TimeseriesQuestion): Promise<Bucket[]> {
  const { from, to, interval, tz, bots, modelId } = question;
  const { where, values } = viewsWhere({ from, to, bots, modelId }, 3);
  const { rows } = await ask<{ start: Date; views: number; viewers: number }>(
    `with starts as materialized (select start from (${STARTS[interval]}) s),
       bounds as materialized (select array_agg(start order by start) as starts from starts),
       counted as (
         select bucket, sum(views) as views, count(*) as viewers
         from (
           select width_bucket(viewed_at, (select starts from bounds)) as bucket, viewer_identifier, count(*) as views
           from model_views where ${where} and ${NOT_RETIRED} group by 1, 2
         ) each_viewer group by 1
       )
     select s.start, coalesce(c.views, 0)::float8 as views, coalesce(c.viewers, 0)::float8 as viewers
     from bounds, unnest(bounds.starts) with ordinality as s(start, bucket)
     left join counted c using (bucket) order by 1`,
    [from, to, tz, ...values],
  );
  const days = await ask<RemovedDay>(removed(bots === "exclude" ? COUNTED_DAYS : ALL_DAYS), [
    from,
    to,
    tz,
    modelId ?? null,
  ]);
  return withRemoved(rows, days.rows);
}

function withRemoved(
  rows: readonly { start: Date; views: number; viewers: number }[],
  days: readonly RemovedDay[],
): Bucket[] {
  const buckets: Bucket[] = rows.map(({ start, views, viewers }) => ({
    start: start.toISOString(),
    views,
    uniqueViews: viewers,
  }));
  for (const { first, last, views, is_whole: isWhole } of days) {
    const touched = buckets.filter((_, index) => {
      const start = rows[index]?.start ?? last;
      const end = rows[index + 1]?.start ?? last;
      return start < last && (end > first || index === rows.length - 1);
    });
    for (const bucket of touched) {
      bucket.uniqueViews = null;
      const isKnown = isWhole && touched.length === 1;
      bucket.views = isKnown && views !== null && bucket.views !== null ? bucket.views + views : null;
    }
  }
  return buckets;
}
