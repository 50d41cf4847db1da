import type { RankedModel, TopSort } from "@model-views/shared/stats.ts";
import { and, asc, eq, gte, type SQL, sql } from "drizzle-orm";
import type { Db } from "../connect.ts";
import { models, modelTotals } from "../schema.ts";

/** Days since its last view after which a model is not trending any more. */
export const TRENDING_DAYS_MAX = 30;

export type TopModelsQuestion = {
  sort: TopSort;
  limit: number;
  category?: string | undefined;
  now: Date;
};

/**
 * Which models were viewed most: in all, by most viewers, or lately? Only models with views are ranked; ties are
 * broken by model id, so rows never swap between calls. Reads model_totals, one small row a model.
 *
 * `trending` is `total / (1 + days since the last view)`, with parts of days, over models seen in the last 30 days.
 */
export async function topModels(
  db: Db,
  { sort, limit, category, now }: TopModelsQuestion,
): Promise<RankedModel[]> {
  const rows = await db
    .select({
      modelId: models.id,
      name: models.name,
      category: models.category,
      totalViews: modelTotals.totalViews,
      uniqueViews: modelTotals.uniqueViewers,
      lastViewedAt: modelTotals.lastViewedAt,
    })
    .from(modelTotals)
    .innerJoin(models, eq(models.id, modelTotals.modelId))
    .where(
      and(
        category === undefined ? undefined : eq(models.category, category),
        sort === "trending" ? gte(modelTotals.lastViewedAt, trendingSince(now)) : undefined,
      ),
    )
    .orderBy(sql`${rank(sort, now)} desc`, asc(modelTotals.modelId))
    .limit(limit);
  return rows.map((row) => ({ ...row, lastViewedAt: row.lastViewedAt.toISOString() }));
}

function trendingSince(now: Date): Date {
  return new Date(now.getTime() - TRENDING_DAYS_MAX * 86_400_000);
}

function rank(sort: TopSort, now: Date): SQL {
  if (sort === "total") return sql`${modelTotals.totalViews}`;
  if (sort === "unique") return sql`${modelTotals.uniqueViewers}`;
  // A view may be some minutes ahead of this clock; that makes it new, not more than new.
  const seconds = sql`extract(epoch from ${now.toISOString()}::timestamptz - ${modelTotals.lastViewedAt})`;
  return sql`${modelTotals.totalViews} / (1 + greatest(0, ${seconds}) / 86400)`;
}
