import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { SQL } from "drizzle-orm";
import type { ValueFilter } from "../audiences/grouping.ts";
import { daysOfPeriod, type PeriodDay, type Span, sourcesOf } from "../audiences/period-days.ts";
import { groupedViews } from "../audiences/raw-audiences.ts";
import { NOTHING_STORED, storedFor } from "../audiences/stored-audiences.ts";
import { WITH_BOTS } from "../audiences/views-where.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type SourcesWithRest, wholeDaysWithRest } from "./models-in-period.ts";

export type ModelsSeriesQuestion = Period & {
  /** In order: the buckets of the period. */
  spans: readonly Span[];
  bots: Bots;
  filters?: readonly ValueFilter[] | undefined;
};

/** The views of a model in each span; null where retention has removed some. */
export type ModelsSeries = { of: (modelId: string) => (number | null)[] };

/**
 * How many views had every model in each of these spans? By one statement: from what is stored of months, days and hours, and the views of the rest;
 * with bots or filters from all views of the period. Each model comes as one text, and not as a row a span.
 */
export async function modelsSeries(ask: Ask, question: ModelsSeriesQuestion): Promise<ModelsSeries> {
  const { spans, bots, filters = [] } = question;
  const days = await daysOfPeriod(ask, question);
  const areRead = bots !== "exclude" || filters.length > 0;
  const sources = areRead
    ? spans.map((span) => ({ ...sourcesOf(span, days, NOTHING_STORED), rest: [] }))
    : await storedSources(ask, spans, days);
  // Of bots, nothing is stored about removed months.
  const unknown = sources.map(({ removed }) => bots !== "exclude" && removed.length > 0);
  const { rows } = await ask<{ id: string; series: string }>(sql`
    select model_id::text as id, string_agg(index || ' ' || coalesce(views::text, ''), ',') as series
    from (
      select model_id, index, case when bool_and(views is not null) then sum(views) end as views
      from (${partsOf(sources, question)}) parts group by 1, 2
    ) each_bucket group by 1`);
  const found = new Map(rows.map(({ id, series }) => [id, series]));
  return {
    of(modelId) {
      const views: (number | null)[] = unknown.map((isUnknown) => (isUnknown ? null : 0));
      for (const each of found.get(modelId)?.split(",") ?? []) {
        const [index = "", count] = each.split(" ");
        if (unknown[Number(index)] === false) views[Number(index)] = count === "" ? null : Number(count);
      }
      return views;
    },
  };
}

async function storedSources(
  ask: Ask,
  spans: readonly Span[],
  days: readonly PeriodDay[],
): Promise<SourcesWithRest[]> {
  const stored = (await storedFor(ask, {}, days))("");
  // The views of a day are known also while its viewers are not.
  return spans.map((span) => wholeDaysWithRest(span, days, { ...stored, hasDay: () => true }));
}

/** SQL: `model_id`, `index` of the span, and `views`, which are null where they are not known. */
function partsOf(
  sources: readonly SourcesWithRest[],
  { bots, filters }: Pick<ModelsSeriesQuestion, "bots" | "filters">,
): SQL {
  const where = WITH_BOTS[bots];
  const ofViews = (groups: readonly (readonly Span[])[], sign: SQL): SQL[] => {
    const views = groupedViews(groups, { filters, where }, sql`model_id`);
    if (views === undefined) return [];
    return [
      sql`select model_id, index, ${sign} * count(*) from (${views}) v where index is not null group by 1, 2`,
    ];
  };
  const ofStored = (starts: readonly (readonly string[])[], from: (of: SQL) => SQL): SQL[] => {
    const all = starts.flatMap((of, index) => of.map((start) => ({ start, index })));
    if (all.length === 0) return [];
    return [
      from(
        sql`unnest(${sql.param(all.map(({ start }) => start))}::text[], ${sql.param(all.map(({ index }) => index))}::int[]) s(start, index)`,
      ),
    ];
  };
  const parts = [
    ...ofStored(
      sources.map(({ months }) => months),
      (of) => sql`select model_id, index, views from ${of} join model_months on month = start::date`,
    ),
    ...ofStored(
      sources.map(({ days }) => days),
      (of) => sql`select model_id, index, views from ${of} join model_days on day = start::date`,
    ),
    ...ofStored(
      sources.map(({ hours }) => hours.map((name) => `${name}:00Z`)),
      (of) => sql`select model_id, index, views from ${of} join model_hours on hour = start::timestamptz`,
    ),
    ...ofViews(
      sources.map(({ raw }) => raw),
      sql`1`,
    ),
    ...ofViews(
      sources.map(({ rest }) => rest),
      sql`-1`,
    ),
    // Days that an end of a span cuts, and with filters all removed days.
    ...(bots === "exclude"
      ? ofStored(
          sources.map(({ removed }) => removed.map(({ day }) => day)),
          (of) => sql`select model_id, index, null from ${of} join model_days on day = start::date`,
        )
      : []),
  ];
  if (parts.length === 0) return sql`select null::uuid as model_id, 0 as index, 0 as views where false`;
  // Names and types of the columns are those of the first part.
  return sql`
    select null::uuid as model_id, null::int as index, null::numeric as views where false
    union all ${sql.join(parts, sql` union all `)}`;
}
