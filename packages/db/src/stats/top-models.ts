import type { Bots, RankedModel, TopSort } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { Db } from "../postgres/connect.ts";
import { and, asc, eq, sql } from "../postgres/drizzle.ts";
import { models } from "../schema.ts";
import { allTimeStats } from "./all-time-stats.ts";

/** Days since its last view after which a model is not trending any more. */
const TRENDING_DAYS_MAX = 30;
const DAY_MS = 86_400_000;

export type TopModelsQuestion = {
  sort: TopSort;
  limit: number;
  category?: string | undefined;
  bots?: Bots;
  /** For `trending`: days in which a model's rank halves while nobody views it; more than 0. */
  halfLifeDays?: number | undefined;
  now: Date;
};

/**
 * Which models were viewed most: in all, by most viewers, or lately? Only models with views are ranked; ties are
 * broken by model id, so rows never swap between calls. Reads model_totals, one small row a model; with bots all of
 * model_views.
 *
 * `trending` is `total / (1 + days since the last view)`, with parts of days, over models seen in the last 30 days; with
 * `halfLifeDays` it is `total * 2^(-days since the last view / halfLifeDays)` over the same models. That is compared by its
 * logarithm, because the power itself may be too small for a number.
 */
export async function topModels(db: Db, question: TopModelsQuestion): Promise<RankedModel[]> {
  const { sort, limit, category, bots = "exclude", halfLifeDays, now } = question;
  const of = allTimeStats(db, bots);
  const trendingSince = new Date(now.getTime() - TRENDING_DAYS_MAX * DAY_MS);
  // A view may be some minutes ahead of this clock; that makes it new, not more than new.
  const days = sql`greatest(0, extract(epoch from ${now.toISOString()}::timestamptz - ${of.lastViewedAt})) / 86400`;
  const rank: Record<TopSort, SQL> = {
    total: sql`${of.totalViews}`,
    unique: sql`${of.uniqueViewers}`,
    trending:
      halfLifeDays === undefined
        ? sql`${of.totalViews} / (1 + ${days})`
        : sql`ln(${of.totalViews}::float8) / ln(2::float8) - (${days})::float8 / ${halfLifeDays}::float8`,
  };
  const rows = await db
    .select({
      modelId: models.id,
      name: models.name,
      category: models.category,
      totalViews: of.totalViews,
      uniqueViews: of.uniqueViewers,
      lastViewedAt: of.lastViewedAt,
    })
    .from(of)
    .innerJoin(models, eq(models.id, of.modelId))
    .where(
      and(
        category === undefined ? undefined : eq(models.category, category),
        sort === "trending"
          ? sql`${of.lastViewedAt} >= ${trendingSince.toISOString()}::timestamptz`
          : undefined,
      ),
    )
    .orderBy(sql`${rank[sort]} desc`, asc(of.modelId))
    .limit(limit);
  // Each model here has a view, so it has a last one.
  return rows.map((row) => ({ ...row, lastViewedAt: (row.lastViewedAt ?? now).toISOString() }));
}
