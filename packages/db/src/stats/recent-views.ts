import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";

const HOUR_MS = 3_600_000;

/** Parts that are counted from the views at most. With more of them, all of the period is. */
const SPANS_MAX = 6;

/** From `start` until just before `end`; without `end` it has none. */
export type OpenSpan = { start: Date; end?: Date };

/** The sources that can answer about views since an instant: hours that are finalized, and the views of all other parts. */
export type RecentParts = {
  /** In order. */
  finalized: Date[];
  spans: OpenSpan[];
  /** Retention has removed views of the spans. */
  isUnknown: boolean;
};

/** What can answer about the views since then? Reads finalized_hours and retired_months. */
export async function recentParts(ask: Ask, since: Date): Promise<RecentParts> {
  const { rows } = await ask<{ finalized: Date[]; removed: Date[] }>(sql`
    select array(select hour from finalized_hours where is_complete and hour >= ${since} order by 1) as finalized,
      array(
        select month::timestamp at time zone 'utc' from retired_months
        where (month + interval '1 month') at time zone 'utc' > ${since} order by 1
      ) as removed`);
  const { finalized = [], removed = [] } = rows[0] ?? {};
  const parts = partsSince(since, finalized);
  const isUnknown = removed.some((start) => {
    const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
    return parts.spans.some(
      (span) => span.start.getTime() < end && (span.end === undefined || span.end > start),
    );
  });
  return { ...parts, isUnknown };
}

/** The parts of the time since `since`, by the finalized hours in it, which are in order. */
export function partsSince(since: Date, finalized: Date[]): Omit<RecentParts, "isUnknown"> {
  const spans: OpenSpan[] = [];
  let start = since;
  for (const hour of finalized) {
    if (start < hour) spans.push({ start, end: hour });
    start = new Date(hour.getTime() + HOUR_MS);
  }
  spans.push({ start });
  return spans.length <= SPANS_MAX ? { finalized, spans } : { finalized: [], spans: [{ start: since }] };
}

/**
 * SQL: `model_id` and `views` of the models that have views in these parts; views of bots are left out. Reads model_hours_hour_idx
 * or the keys of model_hours and model_views.
 *
 * @param models a condition on `model_id`.
 */
export function viewsInParts({ finalized, spans }: RecentParts, models: SQL): SQL {
  const ofHours = sql`
    select model_id, views from model_hours
    where hour >= ${finalized[0] ?? null} and hour = any(${sql.param(finalized)}::timestamptz[]) and ${models}`;
  const ofViews = spans.map(({ start, end }) => {
    const isBefore = end === undefined ? sql`true` : sql`viewed_at < ${end}`;
    return sql`
      select model_id, count(*) as views from model_views
      where viewed_at >= ${start} and ${isBefore} and not is_bot and ${models} group by 1`;
  });
  const parts = sql.join([...(finalized.length === 0 ? [] : [ofHours]), ...ofViews], sql` union all `);
  return sql`select model_id, sum(views) as views from (${parts}) each_part group by 1`;
}
