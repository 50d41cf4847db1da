import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { ViewersBucket } from "@model-views/shared/contracts/viewers-over-time.ts";
import type { Ask } from "../postgres/transaction.ts";
import { type TimeseriesQuestion, timeseries } from "./timeseries.ts";
import { NOT_EXPIRED } from "./views-where.ts";

export type ViewersQuestion = TimeseriesQuestion & { modelId: string };

/** When each bot viewed $1 first, up to the end of the period: no rollup knows, so all its views of bots until then are read. */
const BOTS = `
  select viewer_identifier, min(viewed_at) as first from model_views
  where model_id = $1 and viewed_at < $3 and is_bot and ${NOT_EXPIRED} group by 1`;

/**
 * When each viewer viewed $1 first, at least of those whose first view is in [$2, $3). Who first viewed before $2 as
 * anything but a bot is new in no bucket, and need not be in it.
 */
const FIRST_VIEWS: Record<Bots, string> = {
  // Whoever was seen first in the period was seen last in it or later, which the index knows.
  exclude: `select first_viewed_at as first from model_viewers where model_id = $1 and last_viewed_at >= $2`,
  only: `select first from bots`,
  include: `
    select least(v.first_viewed_at, b.first) as first
    from model_viewers v left join bots b using (viewer_identifier)
    where v.model_id = $1 and v.last_viewed_at >= $2 and v.first_viewed_at >= $2
    union all
    select first from bots b
    where not exists (
      select from model_viewers v where v.model_id = $1 and v.viewer_identifier = b.viewer_identifier)`,
};

/** Days of [$2, $3) of which retention has removed views of the model. */
const REMOVED_DAYS = `
  select day::timestamp at time zone 'utc' as first, (day + 1)::timestamp at time zone 'utc' as last from model_days
  where model_id = $1 and day >= ($2::timestamptz at time zone 'utc')::date and day::timestamp at time zone 'utc' < $3
    and date_trunc('month', day::timestamp)::date = any (array(select month from retired_months))`;

/**
 * How many viewers of one model in each hour, day, week or month viewed it for the first time, and how many had viewed it
 * before? The buckets, who is in them, and where that is not known any more, are those of {@link timeseries}, so the two
 * add up to its `uniqueViews`. Ask it in a transaction of one snapshot.
 *
 * A first view is the first that is known: whom retention has forgotten, or an erasure removed, is new when they come back.
 * Reads the model's views of the period by their primary key, and who viewed it since the period began by
 * model_viewers_last_viewed_idx; with bots also all of its views until the period's end, because a bot's first view is in no
 * rollup (so a bot whose earlier views retention has removed is new again).
 */
export async function viewersOverTime(ask: Ask, question: ViewersQuestion): Promise<ViewersBucket[]> {
  const { modelId, from, to, bots } = question;
  const buckets = await timeseries(ask, question);
  const { rows } = await ask<{ bucket: number; viewers: number }>(
    `with bots as (${BOTS})
     select width_bucket(first, $4::timestamptz[]) as bucket, count(*)::float8 as viewers
     from (${FIRST_VIEWS[bots]}) first_views
     where first >= $2 and first < $3 group by 1`,
    [modelId, from, to, buckets.map(({ start }) => start)],
  );
  const newViewers = new Map(rows.map(({ bucket, viewers }) => [bucket, viewers]));
  const removed = await ask<{ first: Date; last: Date }>(REMOVED_DAYS, [modelId, from, to]);
  return buckets.map(({ start, uniqueViews }, index) => {
    const span = { from: new Date(start), to: new Date(buckets[index + 1]?.start ?? to) };
    const isCut = removed.rows.some(({ first, last }) => first < span.to && last > span.from);
    // Its viewers may be finalized, and so known; but not any more who of them were new.
    if (uniqueViews === null || isCut) return { start, newViewers: null, returningViewers: null };
    const fresh = newViewers.get(index + 1) ?? 0;
    return { start, newViewers: fresh, returningViewers: uniqueViews - fresh };
  });
}
