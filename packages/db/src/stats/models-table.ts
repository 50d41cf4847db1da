import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { ValueFilter } from "../audiences/grouping.ts";
import { viewersOfModels } from "../audiences/model-viewers.ts";
import type { Span } from "../audiences/period-days.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { allTimeStats } from "./all-time-stats.ts";
import { isOfCategory } from "./hot-models.ts";
import { lastInPeriod, modelsInPeriod } from "./models-in-period.ts";
import { modelsSeries } from "./models-series.ts";
import { rawPeriod } from "./raw-period.ts";

export type TableQuestion = Period & {
  bots: Bots;
  filters?: readonly ValueFilter[] | undefined;
  category?: string | undefined;
  /** The period to compare with. */
  previous?: Period | undefined;
  /** The buckets of the series, in order. */
  spans?: readonly Span[] | undefined;
};

type Counts = { views: number | null; viewers: number | null; last: Date | null };
type ModelOfRow = { id: string; name: string; category: string | null; createdAt: Date };

/**
 * How many views and viewers had every model in a period, in the one to compare with, and in each bucket, and when was it seen last in
 * the period? The most viewed first, ties by id; models without views have 0, 0, null, and those whose views are not known come last. Ask
 * it in a transaction of one snapshot.
 *
 * Whole months, days and recent hours are answered by what is stored of them, for all models at once; with bots or filters all views of the
 * period are read.
 */
export async function modelsTable(
  ask: Ask,
  question: TableQuestion,
): Promise<{ items: ModelRow[]; isIncomplete: boolean }> {
  const { previous, spans } = question;
  const models = await modelsOf(ask, question.category);
  const asked = await countsOf(ask, question, { withLast: true });
  const before = previous && (await countsOf(ask, { ...question, ...previous }, { withLast: false }));
  const series = spans && (await modelsSeries(ask, { ...question, spans }));
  const items = models.map(
    (model): ModelRow => ({
      ...rowOf(model, asked.counts.get(model.id)),
      ...(before && { previous: totalsOf(before.counts.get(model.id)) }),
      ...(series && { series: series.of(model.id) }),
    }),
  );
  return { items: items.sort(byViews), isIncomplete: asked.isIncomplete };
}

/** The same of all time, without a series: from the rollup, with bots from their views as well. */
export async function modelsTableOfAllTime(
  ask: Ask,
  { bots, category }: Pick<TableQuestion, "bots" | "category">,
): Promise<ModelRow[]> {
  const models = await modelsOf(ask, category);
  const { rows } = await ask<Counts & { id: string }>(sql`
    select model_id::text as id, total_views::float8 as views, unique_viewers::float8 as viewers, last_viewed_at as last
    from (${allTimeStats(bots)}) s`);
  const counts = new Map(rows.map(({ id, ...row }) => [id, row]));
  return models.map((model) => rowOf(model, counts.get(model.id))).sort(byViews);
}

async function modelsOf(ask: Ask, category: string | undefined): Promise<ModelOfRow[]> {
  const { rows } = await ask<ModelOfRow>(sql`
    select id::text as id, name, category, created_at as "createdAt" from models m where ${isOfCategory(category)}`);
  return rows;
}

async function countsOf(
  ask: Ask,
  question: TableQuestion,
  { withLast }: { withLast: boolean },
): Promise<{ counts: Map<string, Counts>; isIncomplete: boolean }> {
  const { bots, filters = [], category } = question;
  const all = await modelsInPeriod(ask, question);
  const of = (counts: SQL, last: SQL, viewers: SQL) => sql`
    select f.model_id::text as id, f.views::float8 as views, ${viewers} as viewers, ${last} as last
    from (${counts}) f join models m on m.id = f.model_id where ${isOfCategory(category)}`;
  if (bots !== "exclude" || filters.length > 0) {
    const { rows } = await ask<Counts & { id: string }>(
      of(rawPeriod(question, all.removedDays), sql`f.last`, sql`f.viewers`),
    );
    return { counts: byId(rows), isIncomplete: all.isRetired };
  }
  const last = withLast ? lastInPeriod(question, all.removedDays) : sql`null::timestamptz`;
  const { rows } = await ask<Counts & { id: string }>(of(all.statement, last, sql`null::float8`));
  const ids = rows.map(({ id }) => id);
  const viewers = await viewersOfModels(ask, ids, question);
  return {
    counts: byId(rows.map((row) => ({ ...row, viewers: viewers.get(row.id) ?? null }))),
    isIncomplete: all.isIncomplete,
  };
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Omit<Row, "id">> {
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

const NOTHING: Counts = { views: 0, viewers: 0, last: null };

function totalsOf({ views, viewers }: Counts = NOTHING) {
  return { totalViews: views, uniqueViews: viewers };
}

function rowOf({ id, name, category, createdAt }: ModelOfRow, counts: Counts = NOTHING): ModelRow {
  return {
    modelId: id,
    name,
    category,
    createdAt: createdAt.toISOString(),
    ...totalsOf(counts),
    lastViewedAt: counts.last?.toISOString() ?? null,
  };
}

/** The most viewed first, then by id; unknown ones last. */
function byViews(a: ModelRow, b: ModelRow): number {
  const difference = (b.totalViews ?? -1) - (a.totalViews ?? -1);
  if (difference !== 0) return difference;
  return a.modelId < b.modelId ? -1 : 1;
}
