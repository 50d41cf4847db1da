import type { Bots, ModelStats } from "@model-views/shared/contracts/stats.ts";
import type { Queryable } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";
import { allTimeStats } from "./all-time-stats.ts";

type StatsRow = { modelId: string; totalViews: number; uniqueViews: number; lastViewedAt: Date | null };

/**
 * How many views and viewers has each of these models, and when was it seen last? Reads the primary keys of models
 * and model_totals; with bots that of model_views. A model without views has 0, 0, null; a model that does not exist
 * is left out.
 */
export async function manyModelStats(
  db: Queryable,
  ids: readonly string[],
  bots: Bots,
): Promise<ModelStats[]> {
  const areAsked = sql`any(${sql.param(ids)}::uuid[])`;
  const { rows } = await asking(db.$client)<StatsRow>(sql`
    select m.id as "modelId", coalesce(s.total_views, 0)::float8 as "totalViews",
      coalesce(s.unique_viewers, 0)::float8 as "uniqueViews", s.last_viewed_at as "lastViewedAt"
    from models m left join (${allTimeStats(bots, sql`model_id = ${areAsked}`)}) s on s.model_id = m.id
    where m.id = ${areAsked}`);
  return rows.map((row) => ({ ...row, lastViewedAt: row.lastViewedAt?.toISOString() ?? null }));
}

/** The same for one model; undefined when it does not exist. */
export async function modelStats(
  db: Queryable,
  id: string,
  bots: Bots = "exclude",
): Promise<ModelStats | undefined> {
  const [stats] = await manyModelStats(db, [id], bots);
  return stats;
}
