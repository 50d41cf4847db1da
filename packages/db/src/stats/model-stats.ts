import type { Bots, ModelStats } from "@model-views/shared/contracts/stats.ts";
import type { Db } from "../postgres/connect.ts";
import { eq, inArray } from "../postgres/drizzle.ts";
import { models } from "../schema.ts";
import { allTimeStats } from "./all-time-stats.ts";

/**
 * How many views and viewers has each of these models, and when was it seen last? Reads the primary keys of models
 * and model_totals; with bots that of model_views. A model without views has 0, 0, null; a model that does not exist
 * is not in the answer.
 */
export async function manyModelStats(db: Db, ids: readonly string[], bots: Bots): Promise<ModelStats[]> {
  const of = allTimeStats(db, bots, ids);
  const rows = await db
    .select({
      modelId: models.id,
      totalViews: of.totalViews,
      uniqueViews: of.uniqueViewers,
      lastViewedAt: of.lastViewedAt,
    })
    .from(models)
    .leftJoin(of, eq(models.id, of.modelId))
    .where(inArray(models.id, [...ids]));
  return rows.map(({ modelId, totalViews, uniqueViews, lastViewedAt }) => ({
    modelId,
    totalViews: totalViews ?? 0,
    uniqueViews: uniqueViews ?? 0,
    lastViewedAt: lastViewedAt?.toISOString() ?? null,
  }));
}

/** The same for one model; undefined when it does not exist. */
export async function modelStats(
  db: Db,
  id: string,
  bots: Bots = "exclude",
): Promise<ModelStats | undefined> {
  const [stats] = await manyModelStats(db, [id], bots);
  return stats;
}
