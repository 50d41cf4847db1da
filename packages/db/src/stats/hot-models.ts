import type { HalfLife, HotModel } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { HOT_SCORES, LANDMARK_SECONDS, powerOf2 } from "../recording/hot-score.ts";
import { type RecentParts, recentParts, viewsInParts } from "./recent-views.ts";
import {
  daysBefore,
  type RecentPeriod,
  recentPeriod,
  roundedScore,
  viewsBefore,
  type WhyRow,
  whyOf,
} from "./why.ts";

/** Milliseconds that each statement may take. */
const STATEMENT_TIMEOUT_MS = 10_000;

export type NowQuestion = {
  limit: number;
  category?: string | undefined;
  now: Date;
  /** Cancels the statements. */
  signal?: AbortSignal | undefined;
};
export type HotQuestion = NowQuestion & { halfLife: HalfLife };

type RankedRow = Omit<HotModel, "lastViewedAt" | "why"> & { lastViewedAt: Date };

/** SQL: the columns of a ranked model, of `models` m and `model_totals` t. */
export const RANKED_COLUMNS = sql`
  m.id as "modelId", m.name, m.category, t.total_views::float8 as "totalViews",
  t.unique_viewers::float8 as "uniqueViews", t.last_viewed_at as "lastViewedAt"`;

/** SQL: the model m is of this category, if one is given. */
export function isOfCategory(category: string | undefined): SQL {
  return category === undefined ? sql`true` : sql`m.category = ${category}`;
}

/**
 * Which models are hot now? Ranked by the sum of 2^(−age ÷ half-life) over all of a model's views, which is the `score`; ties are
 * broken by model id. `why` compares the views of the last half-life with the model's usual ones. Views of bots are left out.
 *
 * Reads model_totals, one small row a model, and for the models of the answer model_hours, model_days and recent views.
 */
export async function hotModels(
  pool: Pool,
  { halfLife, limit, category, now, signal }: HotQuestion,
): Promise<HotModel[]> {
  const { column, seconds } = HOT_SCORES[halfLife];
  const log = sql.raw(`t.${column}`);
  const decayed = (now.getTime() / 1_000 - LANDMARK_SECONDS) / seconds;
  return inSnapshot(pool, signal, async (ask) => {
    const period = await recentPeriod(ask, { hours: seconds / 3_600, now });
    // No view weighs more than 1, even if this clock is behind PostgreSQL's.
    const { rows } = await ask<RankedRow>(sql`
      select ${RANKED_COLUMNS},
        ${sql.raw(powerOf2("exponent"))} as score
      from model_totals t join models m on m.id = t.model_id
      cross join lateral (
        select least(ln(t.total_views::float8) / ln(2::float8), ${log} - ${decayed}::float8) as exponent
      ) e
      where ${isOfCategory(category)}
      order by ${log} desc, t.model_id limit ${limit}`);
    const reasons = await whyRows(ask, { parts: await recentParts(ask, period.since), period }, rows);
    return rows.map(({ lastViewedAt, score, ...row }) => ({
      ...row,
      lastViewedAt: lastViewedAt.toISOString(),
      score: roundedScore(score),
      why: whyOf(reasons.get(row.modelId) ?? { recent: 0, before: 0, days: 0 }, period.hours),
    }));
  });
}

async function whyRows(
  ask: Ask,
  { parts, period }: { parts: RecentParts; period: RecentPeriod },
  ranked: readonly { modelId: string }[],
): Promise<Map<string, WhyRow>> {
  const ids = sql.param(ranked.map(({ modelId }) => modelId));
  const areRanked = sql`model_id = any(${ids}::uuid[])`;
  const { rows } = await ask<WhyRow & { modelId: string }>(sql`
    select id as "modelId", ${parts.isUnknown ? sql`null::float8` : sql`coalesce(recent.views, 0)::float8`} as recent,
      coalesce(before.views, 0)::float8 as before, ${daysBefore(period, { modelId: sql`id`, before: sql`before` })} as days
    from unnest(${ids}::uuid[]) id
    left join (${viewsInParts(parts, areRanked)}) recent on recent.model_id = id
    left join (${viewsBefore(period, areRanked)}) before on before.model_id = id`);
  return new Map(rows.map(({ modelId, ...row }) => [modelId, row]));
}

/**
 * Runs questions in one snapshot. The lock comes before the snapshot: a question that waits for retention to drop a month then
 * sees that it did.
 */
export function inSnapshot<Result>(
  pool: Pool,
  signal: AbortSignal | undefined,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const options = {
    signal,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    mode: "isolation level repeatable read read only",
  } as const;
  return inTransaction(pool, options, async (ask) => {
    await ask("lock table only model_views in access share mode");
    return work(ask);
  });
}
