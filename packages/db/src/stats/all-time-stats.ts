import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQLWrapper } from "drizzle-orm";
import type { Db } from "../postgres/connect.ts";
import { and, count, countDistinct, eq, inArray, max, notExists, sql } from "../postgres/drizzle.ts";
import { modelTotals, modelViewers, modelViews } from "../schema.ts";

/**
 * Views, viewers and last view of each model, to be joined by `modelId`: from the rollup, which leaves bots out; of bots
 * counted from the views themselves, so that those that retention has removed are in no figure.
 */
export function allTimeStats(db: Db, bots: Bots, ids?: readonly string[]) {
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
  if (bots === "only") {
    const of = ofBots(db, ids);
    return db
      .select({
        modelId: of.modelId,
        totalViews: of.totalViews,
        uniqueViewers: of.uniqueViewers,
        lastViewedAt: of.lastViewedAt,
      })
      .from(of)
      .as("figures");
  }
  const of = ofBots(db, ids);
  return db
    .select({
      modelId: sql<string>`coalesce(${modelTotals.modelId}, ${of.modelId})`.as("model_id"),
      totalViews: sum(modelTotals.totalViews, of.totalViews).as("total_views"),
      // A viewer who was seen both as a bot and not is one.
      uniqueViewers: sum(modelTotals.uniqueViewers, of.onlyBots).as("unique_viewers"),
      lastViewedAt: sql`greatest(${modelTotals.lastViewedAt}, ${of.lastViewedAt})`
        .mapWith(modelTotals.lastViewedAt)
        .as("last_viewed_at"),
    })
    .from(modelTotals)
    .fullJoin(of, eq(of.modelId, modelTotals.modelId))
    .as("figures");
}

/** The bots of each model; `onlyBots` are those viewers that were never seen as anything else. */
function ofBots(db: Db, ids?: readonly string[]) {
  const isOnlyBot = notExists(
    db
      .select({ one: sql`1` })
      .from(modelViewers)
      .where(
        and(
          eq(modelViewers.modelId, modelViews.modelId),
          eq(modelViewers.viewerIdentifier, modelViews.viewerIdentifier),
        ),
      ),
  );
  return db
    .select({
      modelId: modelViews.modelId,
      totalViews: count().as("bot_views"),
      uniqueViewers: countDistinct(modelViews.viewerIdentifier).as("bots"),
      onlyBots: sql<number>`count(distinct ${modelViews.viewerIdentifier}) filter (where ${isOnlyBot})`.as(
        "only_bots",
      ),
      lastViewedAt: max(modelViews.viewedAt).as("bot_viewed_at"),
    })
    .from(modelViews)
    .where(
      and(eq(modelViews.isBot, true), ids === undefined ? undefined : inArray(modelViews.modelId, [...ids])),
    )
    .groupBy(modelViews.modelId)
    .as("bots");
}

function sum(one: SQLWrapper, other: SQLWrapper) {
  return sql`coalesce(${one}, 0) + coalesce(${other}, 0)`.mapWith(Number);
}
