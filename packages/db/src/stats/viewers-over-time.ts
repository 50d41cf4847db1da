import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { ViewersBucket } from "@model-views/shared/contracts/viewers-over-time.ts";
import type { SQL } from "drizzle-orm";
import { daysOfPeriod, type Span } from "../audiences/period-days.ts";
import { removedDays } from "../audiences/removed-days.ts";
import { NOT_RETIRED } from "../audiences/retired-months.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type TimeseriesQuestion, timeseries } from "./timeseries.ts";

export type ViewersQuestion = TimeseriesQuestion & { modelId: string };

/**
 * How many viewers of one model in each hour, day, week or month viewed it for the first time, and how many had viewed it
 * before? The buckets and their viewers are those of {@link timeseries}, and unknown in the same buckets, so the two numbers
 * add up to its `uniqueViews`. Ask it in a transaction of one snapshot.
 *
 * A first view is the first that is stored: a viewer whom retention has pruned, or an erasure removed, is new on return.
 * Reads the model's views of the period by their primary key, and its viewers since the period began by
 * model_viewers_last_viewed_idx; with bots also all of its views until the period's end, because a bot's first view is in no
 * rollup (so a bot whose earlier views retention has removed is new again).
 */
export async function viewersOverTime(ask: Ask, question: ViewersQuestion): Promise<ViewersBucket[]> {
  const { from, to, bots } = question;
  const buckets = await timeseries(ask, question);
  const starts = sql`${sql.param(buckets.map(({ start }) => start))}::timestamptz[]`;
  const { rows } = await ask<{ bucket: number; viewers: number }>(sql`
    with bots as (${botsOf(question)})
    select width_bucket(first, ${starts}) as bucket, count(*)::float8 as viewers
    from (${FIRST_VIEWS[bots](question)}) first_views
    where first >= ${from} and first < ${to} group by 1`);
  const newViewers = new Map(rows.map(({ bucket, viewers }) => [bucket, viewers]));
  const removed = await removedParts(ask, question);
  return buckets.map(({ start, uniqueViews }, index) => {
    const span = { from: new Date(start), to: new Date(buckets[index + 1]?.start ?? to) };
    const isCut = removed.some((part) => part.start < span.to && part.end > span.from);
    // The viewers of a removed day may be known, as they are finalized; which of them were new is not.
    if (uniqueViews === null || isCut) return { start, newViewers: null, returningViewers: null };
    const fresh = newViewers.get(index + 1) ?? 0;
    return { start, newViewers: fresh, returningViewers: uniqueViews - fresh };
  });
}

/** SQL: the first view of each bot up to the end of the period. No rollup has bots, so it reads all their views until then. */
function botsOf({ modelId, to }: ViewersQuestion): SQL {
  return sql`
    select viewer_identifier, min(viewed_at) as first from model_views
    where model_id = ${modelId} and viewed_at < ${to} and is_bot and ${NOT_RETIRED} group by 1`;
}

/**
 * SQL: the first view of each viewer, at least of those with a first view in the period. A viewer who came before it, and
 * not as a bot, is new in no bucket and may be left out.
 */
const FIRST_VIEWS: Record<Bots, (question: ViewersQuestion) => SQL> = {
  // A viewer whose first view is in the period was last seen in it or later, and the index finds those.
  exclude: ({ modelId, from }) =>
    sql`select first_viewed_at as first from model_viewers where model_id = ${modelId} and last_viewed_at >= ${from}`,
  only: () => sql`select first from bots`,
  include: ({ modelId, from }) => sql`
    select least(v.first_viewed_at, b.first) as first
    from model_viewers v left join bots b using (viewer_identifier)
    where v.model_id = ${modelId} and v.last_viewed_at >= ${from} and v.first_viewed_at >= ${from}
    union all
    select first from bots b
    where not exists (
      select from model_viewers v where v.model_id = ${modelId} and v.viewer_identifier = b.viewer_identifier
    )`,
};

/** The removed parts of the days of the period on which the model had views. */
async function removedParts(ask: Ask, { modelId, from, to }: ViewersQuestion): Promise<Span[]> {
  const days = await daysOfPeriod(ask, { from, to });
  const removed = removedDays(days, { start: from, end: to });
  const { rows } = await ask<{ day: string }>(
    sql`select day::text as day from model_days where model_id = ${modelId} and ${removed.has(sql`day`)}`,
  );
  const viewed = new Set(rows.map(({ day }) => day));
  return days.flatMap(({ day, retired }) => (retired !== undefined && viewed.has(day) ? [retired] : []));
}
