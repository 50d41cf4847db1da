import type { Bots, PeriodSort, RankedModel } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { Queryable } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";
import { allTimeStats } from "./all-time-stats.ts";

/** Days since its last view after which a model is not trending any more. */
const TRENDING_DAYS_MAX = 30;
const DAY_MS = 86_400_000;

export type TopModelsQuestion = {
  sort: PeriodSort;
  limit: number;
  category?: string | undefined;
  bots?: Bots;
  /** For `trending`: days in which a model's rank halves while it has no views; more than 0. */
  halfLifeDays?: number | undefined;
  now: Date;
};

type RankedRow = Omit<RankedModel, "lastViewedAt"> & { lastViewedAt: Date };

/**
 * Which models were viewed most: in all, by most viewers, or lately? Only models with views are ranked; ties are
 * broken by model id, so rows never swap between calls. Reads model_totals, one small row a model; with bots all of
 * model_views.
 *
 * `trending` is `total / (1 + days since the last view)`, with parts of days, over models seen in the last 30 days; with
 * `halfLifeDays` it is `total * 2^(-days since the last view / halfLifeDays)` over the same models.
 */
export async function topModels(db: Queryable, question: TopModelsQuestion): Promise<RankedModel[]> {
  const { sort, limit, category, bots = "exclude", now } = question;
  const trendingSince = new Date(now.getTime() - TRENDING_DAYS_MAX * DAY_MS);
  const ofCategory = category === undefined ? sql`true` : sql`m.category = ${category}`;
  const isRanked = sort === "trending" ? sql`s.last_viewed_at >= ${trendingSince}` : sql`true`;
  const { rows } = await asking(db.$client)<RankedRow>(sql`
    select m.id as "modelId", m.name, m.category, s.total_views::float8 as "totalViews",
      s.unique_viewers::float8 as "uniqueViews", s.last_viewed_at as "lastViewedAt"
    from (${allTimeStats(bots)}) s join models m on m.id = s.model_id
    where ${ofCategory} and ${isRanked}
    order by ${rankOf(question)} desc, s.model_id limit ${limit}`);
  return rows.map((row) => ({ ...row, lastViewedAt: row.lastViewedAt.toISOString() }));
}

/** SQL: by what models are ranked. */
function rankOf({ sort, now, halfLifeDays }: TopModelsQuestion): SQL {
  if (sort === "total") return sql`s.total_views`;
  if (sort === "unique") return sql`s.unique_viewers`;
  // A view may be some minutes ahead of this clock; that makes it new, not more than new.
  const days = sql`greatest(0, extract(epoch from ${now}::timestamptz - s.last_viewed_at)) / 86400`;
  if (halfLifeDays === undefined) return sql`s.total_views / (1 + ${days})`;
  // The logarithm of the rank, because the power itself may be too small for a number.
  return sql`ln(s.total_views::float8) / ln(2::float8) - (${days})::float8 / ${halfLifeDays}::float8`;
}
