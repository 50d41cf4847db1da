import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";

/**
 * SQL: `model_id`, `total_views`, `unique_viewers` and `last_viewed_at` of each model that has views. From the rollup, which
 * leaves bots out; bots are counted from the views themselves, so without those that retention has removed.
 *
 * @param models a condition on `model_id` for the views of bots that are read.
 */
export function allTimeStats(bots: Bots, models: SQL = sql`true`): SQL {
  if (bots === "exclude") {
    return sql`select model_id, total_views, unique_viewers, last_viewed_at from model_totals`;
  }
  if (bots === "only") return botsOf(models);
  return sql`
    select model_id, coalesce(t.total_views, 0) + coalesce(b.total_views, 0) as total_views,
      coalesce(t.unique_viewers, 0) + coalesce(b.only_bots, 0) as unique_viewers,
      greatest(t.last_viewed_at, b.last_viewed_at) as last_viewed_at
    from model_totals t full join (${botsOf(models)}) b using (model_id)`;
}

/** SQL: the bots of each model; `only_bots` are viewers that were never seen as anything else. */
function botsOf(models: SQL): SQL {
  return sql`
    select model_id, count(*) as total_views, count(distinct viewer_identifier) as unique_viewers,
      count(distinct viewer_identifier) filter (where not exists (
        select from model_viewers v
        where v.model_id = r.model_id and v.viewer_identifier = r.viewer_identifier
      )) as only_bots,
      max(viewed_at) as last_viewed_at
    from model_views r where is_bot and ${models} group by model_id`;
}
