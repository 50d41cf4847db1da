import type { Period } from "@model-views/shared/contracts/period.ts";
import type { RankedInPeriod, StatsOfPeriod } from "@model-views/shared/contracts/period-stats.ts";
import type { Bots, PeriodSort } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { NOT_RETIRED } from "../rollups/retired-months.ts";
import {
  lastInPeriod,
  type PeriodParts,
  partsOfPeriod,
  viewersInPeriod,
  viewsInPeriod,
} from "./period-parts.ts";
import { rawPeriod } from "./raw-period.ts";

export type PeriodQuestion = Period & { bots: Bots };

type StatsRow = { model_id: string; views: number | null; viewers: number | null; last: Date | null };

function statsOf({ model_id: modelId, views, viewers, last }: StatsRow): StatsOfPeriod {
  return { modelId, totalViews: views, uniqueViews: viewers, lastViewedAt: last?.toISOString() ?? null };
}

/**
 * How many views and viewers had each of these models in a period, and when was it seen last in it? A model without views
 * has 0, 0, null; one that does not exist is left out. Without bots, whole days in UTC are answered by model_days.
 */
export async function manyPeriodStats(
  ask: Ask,
  ids: readonly string[],
  question: PeriodQuestion,
): Promise<StatsOfPeriod[]> {
  const stats = await statsOfModels(ask, question, sql`model_id = any(${sql.param(ids)}::uuid[])`);
  const { rows } = await ask<StatsRow>(sql`
    select m.id as model_id, case when f.model_id is null then 0 else f.views end as views,
      case when f.model_id is null then 0 else f.viewers end as viewers, f.last
    from models m left join (${stats}) f on f.model_id = m.id
    where m.id = any(${sql.param(ids)}::uuid[])`);
  return rows.map(statsOf);
}

/** SQL: a row for each of these models that has views. */
async function statsOfModels(ask: Ask, { bots, ...period }: PeriodQuestion, models: SQL): Promise<SQL> {
  if (bots !== "exclude") return rawPeriod({ ...period, bots }, models);
  const parts = await partsOfPeriod(ask, period);
  return sql`
    select model_id, views::float8, ${viewersInPeriod(parts)}::float8 as viewers, ${lastInPeriod(parts)} as last
    from (${viewsInPeriod(parts, models)}) f`;
}

export type TopQuestion = PeriodQuestion & {
  sort: PeriodSort;
  limit: number;
  category?: string | undefined;
  /** For `trending`: days in which a model's rank halves while it has no views; more than 0. */
  halfLifeDays?: number | undefined;
};

/**
 * Which models were viewed most in a period, by most viewers, or lately before its end? Ties are broken by model id, so
 * rows never swap between calls. Whole days in UTC are answered by model_days; viewers and last views are looked up for the
 * models of the answer alone, unless they are what is ranked. With bots it reads all views of the period.
 *
 * `trending` is `views / (1 + days from the last view to the end)`, with parts of days; with `halfLifeDays` it is
 * `views * 2^(-days from the last view to the end / halfLifeDays)`.
 */
export async function topInPeriod(
  ask: Ask,
  question: TopQuestion,
): Promise<{ items: RankedInPeriod[]; isIncomplete: boolean }> {
  const parts = await partsOfPeriod(ask, question);
  const { bots } = question;
  const statement =
    bots === "exclude" ? topByRollups(parts, question) : topOf(rawPeriod({ ...question, bots }), question);
  const { rows } = await ask<StatsRow & { name: string; category: string | null }>(statement);
  return {
    items: rows.map(({ name, category, ...row }) => ({ ...statsOf(row), name, category })),
    isIncomplete: parts.isIncomplete,
  };
}

/** SQL: by what models are ranked; unknown ranks come last. */
function rankOf({ sort, to, halfLifeDays }: TopQuestion): SQL {
  if (sort === "total") return sql`views`;
  if (sort === "unique") return sql`viewers`;
  const seconds = sql`greatest(0, extract(epoch from ${to}::timestamptz - last))`;
  // The logarithm of the rank, because the power itself may be too small for a number.
  const rank =
    halfLifeDays === undefined
      ? sql`views / (1 + ${seconds} / 86400)`
      : sql`ln(nullif(views, 0)) / ln(2::float8) - ${seconds}::float8 / 86400 / ${halfLifeDays}::float8`;
  return sql`case when last is not null then ${rank} end`;
}

/** SQL: the first models of these stats, with their names. */
function topOf(stats: SQL, question: TopQuestion): SQL {
  const { category, limit } = question;
  return sql`
    select f.*, m.name, m.category from (${stats}) f join models m on m.id = f.model_id
    where ${category === undefined ? sql`true` : sql`m.category = ${category}`}
    order by ${rankOf(question)} desc nulls last, f.model_id limit ${limit}`;
}

/** SQL: what is ranked is looked up for every model, the rest for the models of the answer. */
function topByRollups(parts: PeriodParts, question: TopQuestion): SQL {
  const { sort } = question;
  const byViewers = sort === "unique";
  const byLast = sort === "trending";
  const isCounted = byViewers && !parts.isRecent;
  const stats = sql`
    select f.*,
      ${byViewers ? viewersInPeriod(parts, sql`c.viewers`) : sql`null::bigint`} as viewers,
      ${byLast ? lastInPeriod(parts) : sql`null::timestamptz`} as last
    from (${viewsInPeriod(parts)}) f ${isCounted ? sql`left join counted c using (model_id)` : sql``}`;
  return sql`
    with ${isCounted ? sql`counted as materialized (${viewersOfAll(parts)}),` : sql``}
    top as materialized (${topOf(stats, question)})
    select f.model_id, f.name, f.category, f.views::float8,
      ${byViewers ? sql`f.viewers` : viewersInPeriod(parts)}::float8 as viewers,
      ${byLast ? sql`f.last` : lastInPeriod(parts)} as last
    from top f order by ${rankOf(question)} desc nulls last, f.model_id`;
}

/** SQL: the viewers of every model at once, which is less work than a count for each. */
function viewersOfAll({ from, to }: Period): SQL {
  return sql`
    select model_id, count(*) as viewers from (
      select model_id from model_views
      where viewed_at >= ${from} and viewed_at < ${to} and not is_bot and ${NOT_RETIRED}
      group by model_id, viewer_identifier
    ) each_viewer group by 1`;
}
