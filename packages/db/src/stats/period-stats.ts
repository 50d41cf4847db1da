import type { Period } from "@model-views/shared/contracts/period.ts";
import type { RankedInPeriod, StatsOfPeriod } from "@model-views/shared/contracts/period-stats.ts";
import type { Bots, PeriodSort } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { ValueFilter } from "../audiences/grouping.ts";
import { daysOfPeriod } from "../audiences/period-days.ts";
import { removedDays } from "../audiences/removed-days.ts";
import { spanAudiences } from "../audiences/span-audiences.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { lastInPeriod, type ModelsInPeriod, modelsInPeriod } from "./models-in-period.ts";
import { rawPeriod } from "./raw-period.ts";

export type PeriodQuestion = Period & { bots: Bots; filters?: readonly ValueFilter[] | undefined };

type StatsRow = { model_id: string; views: number | null; viewers: number | null; last: Date | null };

function statsOf({ model_id: modelId, views, viewers, last }: StatsRow): StatsOfPeriod {
  return { modelId, totalViews: views, uniqueViews: viewers, lastViewedAt: last?.toISOString() ?? null };
}

/**
 * How many views and viewers had each of these models in a period, and when was it seen last in it? A model without views
 * has 0, 0, null; one that does not exist is left out. Without bots, whole days are answered by what is stored of them.
 */
export async function manyPeriodStats(
  ask: Ask,
  ids: readonly string[],
  question: PeriodQuestion,
): Promise<StatsOfPeriod[]> {
  const { bots, from, to } = question;
  const areAsked = sql`any(${sql.param(ids)}::uuid[])`;
  const removed = removedDays(await daysOfPeriod(ask, { from, to }), { start: from, end: to });
  if (bots !== "exclude") {
    const raw = rawPeriod(question, removed, sql`model_id = ${areAsked}`);
    const { rows } = await ask<StatsRow>(sql`
      select m.id as model_id, case when f.model_id is null then 0 else f.views end as views,
        case when f.model_id is null then 0 else f.viewers end as viewers, f.last
      from models m left join (${raw}) f on f.model_id = m.id where m.id = ${areAsked}`);
    return rows.map(statsOf);
  }
  const { rows } = await ask<{ model_id: string; last: Date | null }>(sql`
    select f.model_id, ${lastInPeriod(question, removed)} as last
    from (select id as model_id from models where id = ${areAsked}) f`);
  return (await withViewers(ask, rows, question)).map(statsOf);
}

/** The same rows with the views and viewers of each model in the period. */
async function withViewers<Row extends { model_id: string }>(
  ask: Ask,
  rows: readonly Row[],
  { from, to, filters }: PeriodQuestion,
): Promise<(Row & Pick<StatsRow, "views" | "viewers">)[]> {
  const modelIds = rows.map((row) => row.model_id);
  const spans = [{ start: from, end: to }];
  const audiences = await spanAudiences(ask, { modelIds, filters, spans, bots: "exclude" });
  return rows.map((row) => {
    const [{ views, viewers } = { views: 0, viewers: 0 }] = audiences.of(row.model_id);
    return { ...row, views, viewers };
  });
}

export type TopQuestion = PeriodQuestion & {
  sort: PeriodSort;
  limit: number;
  category?: string | undefined;
  /** For `trending`: days in which a model's rank halves while it has no views; more than 0. */
  halfLifeDays?: number | undefined;
};

type TopRow = StatsRow & { name: string; category: string | null };

/**
 * Which models were viewed most in a period, by most viewers, or lately before its end? Ties are broken by model id, so
 * rows never swap between calls. Whole months and days are answered by what is stored of them; viewers and last views
 * are looked up for the models of the answer alone, unless they are what is ranked. With bots or filters it reads all views of
 * the period.
 *
 * `trending` is `views / (1 + days from the last view to the end)`, with parts of days; with `halfLifeDays` it is
 * `views * 2^(-days from the last view to the end / halfLifeDays)`.
 */
export async function topInPeriod(
  ask: Ask,
  question: TopQuestion,
): Promise<{ items: RankedInPeriod[]; isIncomplete: boolean }> {
  const { bots, filters = [], sort } = question;
  const all = await modelsInPeriod(ask, question);
  const areRead = bots !== "exclude" || filters.length > 0;
  const rows = areRead
    ? await topByRaw(ask, all, question)
    : sort === "unique"
      ? await topByViewers(ask, all, question)
      : await topByViews(ask, all, question);
  return {
    items: rows.map(({ name, category, ...row }) => ({ ...statsOf(row), name, category })),
    isIncomplete: areRead || sort === "trending" ? all.isRetired : all.isIncomplete,
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

/** SQL: the condition on `models m` for the models that are ranked. */
function isRanked({ category }: TopQuestion): SQL {
  return category === undefined ? sql`true` : sql`m.category = ${category}`;
}

async function topByRaw(ask: Ask, all: ModelsInPeriod, question: TopQuestion): Promise<TopRow[]> {
  const { rows } = await ask<TopRow>(sql`
    select f.*, m.name, m.category from (${rawPeriod(question, all.removedDays)}) f join models m on m.id = f.model_id
    where ${isRanked(question)}
    order by ${rankOf(question)} desc nulls last, f.model_id limit ${question.limit}`);
  return rows;
}

/** By views, or by views and the last of them, which is then looked up for every model. */
async function topByViews(
  ask: Ask,
  { statement, removedDays: removed }: ModelsInPeriod,
  question: TopQuestion,
): Promise<TopRow[]> {
  const last = lastInPeriod(question, removed);
  const isTrending = question.sort === "trending";
  const { rows } = await ask<Omit<TopRow, "viewers">>(sql`
    with top as materialized (
      select f.*, m.name, m.category
      from (
        select f.*, ${isTrending ? last : sql`null::timestamptz`} as last from (${statement}) f
      ) f join models m on m.id = f.model_id
      where ${isRanked(question)}
      order by ${rankOf(question)} desc nulls last, f.model_id limit ${question.limit}
    )
    select f.model_id, f.name, f.category, f.views::float8 as views,
      ${isTrending ? sql`f.last` : last} as last
    from top f order by ${rankOf(question)} desc nulls last, f.model_id`);
  return withViewers(ask, rows, question);
}

/** Models whose viewers are united at once. */
const CANDIDATES = 20;
/** Models that are read at once. */
const PAGE = 1_000;

/**
 * By viewers, without uniting the audiences of every model: those who can have the most come first, until no other one can
 * have more than the last of the list (the threshold algorithm of Fagin, Lotem and Naor, "Optimal aggregation algorithms for
 * middleware", 2003, with one list).
 */
async function topByViewers(
  ask: Ask,
  { statement, removedDays: removed }: ModelsInPeriod,
  question: TopQuestion,
): Promise<TopRow[]> {
  type Candidate = Omit<TopRow, "viewers" | "views" | "last"> & { viewers_max: number | null };
  const { limit } = question;
  let top: Omit<TopRow, "last">[] = [];
  let page: Candidate[] = [];
  let offset = 0;
  do {
    ({ rows: page } = await ask<Candidate>(sql`
      select f.model_id, f.viewers_max::float8 as viewers_max, m.name, m.category
      from (${statement}) f join models m on m.id = f.model_id where ${isRanked(question)}
      order by viewers_max desc nulls last, f.model_id limit ${PAGE} offset ${offset}`));
    for (let next = 0; next < page.length; next += CANDIDATES) {
      const last = top[limit - 1]?.viewers ?? null;
      const most = page[next]?.viewers_max ?? null;
      if (last !== null && (most === null || most < last))
        return withLast(ask, top, lastInPeriod(question, removed));
      const found = await withViewers(ask, page.slice(next, next + CANDIDATES), question);
      top = [...top, ...found].toSorted(byViewers).slice(0, limit);
    }
    offset += PAGE;
  } while (page.length === PAGE);
  return withLast(ask, top, lastInPeriod(question, removed));
}

type Viewed = Pick<StatsRow, "viewers" | "model_id">;

/** The most viewers first, then by id; unknown ones last. */
function byViewers(a: Viewed, b: Viewed): number {
  const difference = (b.viewers ?? -1) - (a.viewers ?? -1);
  if (difference !== 0) return difference;
  return a.model_id < b.model_id ? -1 : 1;
}

async function withLast(ask: Ask, rows: readonly Omit<TopRow, "last">[], last: SQL): Promise<TopRow[]> {
  const ids = rows.map((row) => row.model_id);
  const { rows: found } = await ask<{ id: string; last: Date | null }>(sql`
    select f.model_id as id, ${last} as last
    from unnest(${sql.param(ids)}::uuid[]) f(model_id)`);
  const lastOf = new Map(found.map((each) => [each.id, each.last]));
  return rows.map((row) => ({ ...row, last: lastOf.get(row.model_id) ?? null }));
}
