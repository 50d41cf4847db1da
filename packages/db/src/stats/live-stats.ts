import { LIVE_MINUTES, type LiveStats } from "@model-views/shared/contracts/live.ts";
import type { Pool } from "pg";
import { asking, sql } from "../postgres/sql.ts";

/**
 * How many views and viewers were there in the last five minutes? Reads those views, found by model_views_viewed_at_idx.
 * A view whose sender's clock is ahead counts from when it is recorded, so for some minutes longer.
 */
export async function liveStats(pool: Pick<Pool, "query">, now: Date): Promise<LiveStats> {
  const since = new Date(now.getTime() - LIVE_MINUTES * 60_000);
  const { rows } = await asking(pool)<{ views: number; viewers: number }>(sql`
    select count(*)::float8 as views, count(distinct viewer_identifier)::float8 as viewers
    from model_views where viewed_at > ${since} and not is_bot`);
  const { views = 0, viewers = 0 } = rows[0] ?? {};
  return { views, viewers, asOf: now.toISOString() };
}
