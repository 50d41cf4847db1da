import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { ALL, type Grouping } from "./grouping.ts";
import type { SpanSources } from "./period-days.ts";

type Question = Grouping & { bots: Bots };

export type RemovedRow = { key: string; index: number; views: number | null };

/** Views of removed days, of which nothing else is known: of a model and of the site on whole days, on which there were some. */
export async function viewsOfRemoved(
  ask: Ask,
  { modelIds, filters = [], by, bots }: Question,
  sources: readonly SpanSources[],
): Promise<RemovedRow[]> {
  const removed = sources.flatMap((of, index) => of.removed.map((day) => ({ ...day, index })));
  // Values that were removed have no key: that something is missing is reported by `isIncomplete`.
  if (removed.length === 0 || by !== undefined) return [];
  const keys = modelIds ?? [ALL];
  if (bots !== "exclude") {
    return removed.flatMap(({ index }) => keys.map((key) => ({ key, index, views: null })));
  }
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const key = modelIds === undefined ? sql`${ALL}::text` : sql`model_id::text`;
  const { rows } = await ask<{ key: string; day: string; views: number }>(sql`
    select ${key} as key, day::text as day, sum(views)::float8 as views from model_days
    where ${ofModels} and day = any(${sql.param(removed.map(({ day }) => day))}::date[]) group by 1, 2`);
  const byDay = Map.groupBy(rows, ({ day }) => day);
  return removed.flatMap(({ day, isWhole, index }) =>
    (byDay.get(day) ?? []).map((row) => ({
      key: row.key,
      index,
      views: isWhole && filters.length === 0 ? row.views : null,
    })),
  );
}

/** On which of the removed days of these spans were there views? Of bots that is not known. */
export async function viewedDays(
  ask: Ask,
  { modelIds, bots }: Question,
  sources: readonly SpanSources[],
): Promise<Set<string>> {
  const days = [...new Set(sources.flatMap(({ removed }) => removed.map(({ day }) => day)))];
  if (days.length === 0 || bots !== "exclude") return new Set(days);
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const { rows } = await ask<{ day: string }>(sql`
    select distinct day::text as day from model_days where ${ofModels} and day = any(${sql.param(days)}::date[])`);
  return new Set(rows.map(({ day }) => day));
}
