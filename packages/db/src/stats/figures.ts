import type { Bots } from "@model-views/shared/stats.ts";
import { and, count, countDistinct, eq, inArray, max } from "drizzle-orm";
import type { Db } from "../connect.ts";
import { modelTotals, modelViews } from "../schema.ts";

/**
 * Views, viewers and last view of each model, to be joined by `modelId`: from the rollup, which leaves bots out, or
 * counted from the raw views where bots are asked for.
 */
export function figures(db: Db, bots: Bots, ids?: readonly string[]) {
  if (bots === "exclude") {
    return db
      .select({
        modelId: modelTotals.modelId,
        totalViews: modelTotals.totalViews,
        uniqueViewers: modelTotals.uniqueViewers,
        lastViewedAt: modelTotals.lastViewedAt,
      })
      .from(modelTotals)
      .as("figures");
  }
  return db
    .select({
      modelId: modelViews.modelId,
      totalViews: count().as("total_views"),
      uniqueViewers: countDistinct(modelViews.viewerIdentifier).as("unique_viewers"),
      lastViewedAt: max(modelViews.viewedAt).as("last_viewed_at"),
    })
    .from(modelViews)
    .where(
      and(
        bots === "only" ? eq(modelViews.isBot, true) : undefined,
        ids === undefined ? undefined : inArray(modelViews.modelId, [...ids]),
      ),
    )
    .groupBy(modelViews.modelId)
    .as("figures");
}
