import type { Period } from "@model-views/shared/contracts/period.ts";
import type { RankedInPeriod, StatsOfPeriod } from "@model-views/shared/contracts/period-stats.ts";
import type { Bots, TopSort } from "@model-views/shared/contracts/stats.ts";
import type { Ask } from "../postgres/transaction.ts";
import {
  LAST_IN_PERIOD,
  type PeriodParts,
  partsOfPeriod,
  viewersInPeriod,
  viewsInPeriod,
} from "./period-parts.ts";
import { rawPeriod } from "./raw-period.ts";
import { NOT_EXPIRED } from "./views-where.ts";

export type PeriodQuestion = Period & { bots: Bots };

type FiguresRow = { model_id: string; views: number | null; viewers: number | null; last: Date | null };

function statsOf({ model_id: modelId, views, viewers, last }: FiguresRow): StatsOfPeriod {
  return { modelId, totalViews: views, uniqueViews: viewers, lastViewedAt: last?.toISOString() ?? null };
}

/**
 * How many views and viewers had each of these models in a period, and when was it seen last in it? A model without views
 * has 0, 0, null; one that does not exist is not in the answer. Bots apart, whole days in UTC are answered by model_days.
 */
export async function manyPeriodStats(
  ask: Ask,
  ids: readonly string[],
  { bots, ...period }: PeriodQuestion,
): Promise<StatsOfPeriod[]> {
  const [of, values] = await manyFigures(ask, ids, bots, period);
  const { rows } = await ask<FiguresRow>(
    `select m.id as model_id, case when f.model_id is null then 0 else f.views end as views,
       case when f.model_id is null then 0 else f.viewers end as viewers, f.last
     from models m left join (${of}) f on f.model_id = m.id
     where m.id = any($${values.length}::uuid[])`,
    values,
  );
  return rows.map(statsOf);
}

async function manyFigures(
  ask: Ask,
  ids: readonly string[],
  bots: Bots,
  period: Period,
): Promise<[sql: string, values: unknown[]]> {
  if (bots !== "exclude") {
    return [rawPeriod(bots, "and model_id = any($3::uuid[])"), [period.from, period.to, ids]];
  }
  const parts = await partsOfPeriod(ask, period);
  const views = viewsInPeriod(parts, "and model_id = any($5::uuid[])");
  return [figuresOf(views, viewersInPeriod(parts)), [...parts.values, ids]];
}

/** SQL: all figures of the models of these views. */
function figuresOf(views: string, viewers: string): string {
  return `select model_id, views::float8, ${viewers}::float8 as viewers, ${LAST_IN_PERIOD} as last
    from (${views}) f`;
}

/** How the models of a period are ranked; figures that are not known any more come last. */
const RANKS: Record<TopSort, string> = {
  total: "views",
  unique: "viewers",
  trending:
    "case when last is not null then views / (1 + greatest(0, extract(epoch from $2::timestamptz - last)) / 86400) end",
};

export type TopQuestion = PeriodQuestion & {
  sort: TopSort;
  limit: number;
  category?: string | undefined;
  halfLifeDays?: number | undefined;
};

/**
 * The logarithm of `views * 2^(-days from the last view to the end / half-life)`: the power itself may be too small for a
 * number. The half-life, in days, is parameter `number`.
 */
const rankByHalfLife = (
  number: number,
) => `case when last is not null then ln(nullif(views, 0)) / ln(2::float8)
  - greatest(0, extract(epoch from $2::timestamptz - last))::float8 / 86400 / $${number}::float8 end`;

/**
 * Which models were viewed most in a period, by most viewers, or lately before its end? Ties are broken by model id, so
 * rows never swap between calls. Whole days in UTC are answered by model_days; viewers and last views are looked up for the
 * models of the answer alone, unless they are what is ranked. With bots it reads all views of the period.
 *
 * `trending` is `views / (1 + days from the last view to the end)`, with parts of days; with `halfLifeDays`, more than 0, it
 * is `views * 2^(-days from the last view to the end / halfLifeDays)`.
 */
export async function topInPeriod(
  ask: Ask,
  question: TopQuestion,
): Promise<{ items: RankedInPeriod[]; isIncomplete: boolean }> {
  const parts = await partsOfPeriod(ask, question);
  const { bots, sort, limit, category = null, halfLifeDays } = question;
  const byHalfLife = sort === "trending" && halfLifeDays !== undefined;
  const ends = bots === "exclude" ? parts.values : [question.from, question.to];
  const order: Order = {
    limit: ends.length + 1,
    rank: byHalfLife ? rankByHalfLife(ends.length + 3) : RANKS[sort],
  };
  const { rows } = await ask<FiguresRow & { name: string; category: string | null }>(
    bots === "exclude" ? topFigures(parts, sort, order) : topOf(rawPeriod(bots, ""), order),
    [...ends, limit, category, ...(byHalfLife ? [halfLifeDays] : [])],
  );
  return {
    items: rows.map(({ name, category, ...row }) => ({ ...statsOf(row), name, category })),
    isIncomplete: parts.isIncomplete,
  };
}

/** By what to rank, and the number of the parameter that says how many; the category is in the one after it. */
type Order = { rank: string; limit: number };

/** SQL: the first models of these figures. */
function topOf(figures: string, { rank, limit }: Order): string {
  return `select f.*, m.name, m.category from (${figures}) f join models m on m.id = f.model_id
    where ($${limit + 1}::text is null or m.category = $${limit + 1})
    order by ${rank} desc nulls last, f.model_id limit $${limit}`;
}

/** All viewers of the period at once: less work than to count them for each model, were it for every one. */
const COUNTED_TOGETHER = `counted as materialized (
  select model_id, count(*) as viewers from (
    select model_id from model_views where viewed_at >= $1 and viewed_at < $2 and not is_bot and ${NOT_EXPIRED}
    group by model_id, viewer_identifier
  ) each_viewer group by 1
)`;

/** What is ranked is looked up for every model, the rest for those of the answer. */
function topFigures(parts: PeriodParts, sort: TopSort, order: Order): string {
  const isCounted = sort === "unique" && !parts.isRecent;
  const figures = `select f.*,
      ${sort === "unique" ? viewersInPeriod(parts, "c.viewers") : "null::bigint"} as viewers,
      ${sort === "trending" ? LAST_IN_PERIOD : "null::timestamptz"} as last
    from (${viewsInPeriod(parts, "")}) f ${isCounted ? "left join counted c using (model_id)" : ""}`;
  const viewers = sort === "unique" ? "f.viewers" : viewersInPeriod(parts);
  const last = sort === "trending" ? "f.last" : LAST_IN_PERIOD;
  return `with ${isCounted ? `${COUNTED_TOGETHER}, ` : ""}top as materialized (${topOf(figures, order)})
    select f.model_id, f.name, f.category, f.views::float8, ${viewers}::float8 as viewers, ${last} as last
    from top f order by ${order.rank} desc nulls last, f.model_id`;
}
