import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { columnOf } from "./dimensions.ts";
import { ALL, type Scope, type ValueFilter } from "./grouping.ts";
import type { Span } from "./period-days.ts";
import { NOT_RETIRED } from "./retired-months.ts";

/** Spans that are looked up one by one; of more, all views from the first to the last are read. */
const SPANS_MAX = 64;

export type RawRow = {
  key: string;
  /** Which of the groups of spans. */
  group: number;
  views: number;
  viewers: number;
  /** The numbers of those viewers who have one, where they were asked for. */
  numbers: Buffer | null;
};

/**
 * Counts views and viewers of groups of spans from the views themselves; a viewer of two spans of a group counts once. Views
 * that retention is about to remove are left out. Of one model it reads the primary key.
 *
 * @param groups spans that do not overlap.
 */
export async function rawAudiences(
  ask: Ask,
  question: Scope & { where: SQL },
  { groups, withNumbers }: { groups: readonly (readonly Span[])[]; withNumbers: boolean },
): Promise<RawRow[]> {
  const key = question.modelIds === undefined ? sql`${ALL}::text` : sql`model_id::text`;
  const views = groupedViews(groups, question, sql`${key} as key, viewer_identifier`);
  if (views === undefined) return [];
  const numbers = withNumbers ? sql`string_agg(int4send(n.viewer_number), '')` : sql`null::bytea`;
  const { rows } = await ask<RawRow>(sql`
    select key, index as "group", sum(views)::float8 as views, count(*)::float8 as viewers, ${numbers} as numbers
    from (
      select key, viewer_identifier, count(*) as views, index from (${views}) views group by 1, 2, 4
    ) each_viewer
    ${withNumbers ? sql`left join viewer_numbers n using (viewer_identifier)` : sql``}
    where index is not null group by 1, 2`);
  return rows;
}

/** SQL: the condition on `model_views` that a view has all of these values; without filters every view. */
export function hasValues(filters: readonly ValueFilter[] = []): SQL {
  const conditions = filters.map(
    ({ dimension, value }) => sql`${columnOf(dimension)} is not distinct from ${value}::text`,
  );
  return sql.join([sql`true`, ...conditions], sql` and `);
}

/**
 * SQL: these columns of the views in groups of spans, and the number of the group as `index`; null for a view between the spans.
 * Undefined when there are no spans.
 */
export function groupedViews(
  groups: readonly (readonly Span[])[],
  { modelIds, filters, where }: Scope & { where: SQL },
  columns: SQL,
): SQL | undefined {
  const spans = groups
    .flatMap((group, index) => group.map((span) => ({ ...span, index })))
    .toSorted((a, b) => a.start.getTime() - b.start.getTime());
  if (spans.length === 0) return undefined;
  // Bounds and the group of what follows each; null between the spans.
  const bounds: Date[] = [];
  const groupAfter: (number | null)[] = [];
  for (const { start, end, index } of spans) {
    if (bounds.at(-1)?.getTime() === start.getTime()) groupAfter[bounds.length - 1] = index;
    else groupAfter[bounds.push(start) - 1] = index;
    groupAfter[bounds.push(end) - 1] = null;
  }
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const areAsked = sql`${ofModels} and ${hasValues(filters)} and ${where} and ${NOT_RETIRED}`;
  // A statement for each span, so that PostgreSQL reads no other partition and no other part of one.
  const views = mergedSpans(spans).map(
    ({ start, end }) => sql`
      select ${columns}, viewed_at from model_views
      where viewed_at >= ${start} and viewed_at < ${end} and ${areAsked}`,
  );
  return sql`
    select v.*, (${sql.param(groupAfter)}::int[])[width_bucket(viewed_at, ${sql.param(bounds)}::timestamptz[])] as index
    from (${sql.join(views, sql` union all `)}) v`;
}

/** The same spans with neighbours as one; the whole time where they are too many. */
function mergedSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const { start, end } of spans) {
    const last = merged.at(-1);
    if (last?.end.getTime() === start.getTime()) last.end = end;
    else merged.push({ start, end });
  }
  const [first] = merged;
  const last = merged.at(-1);
  if (first === undefined || last === undefined || merged.length <= SPANS_MAX) return merged;
  return [{ start: first.start, end: last.end }];
}
