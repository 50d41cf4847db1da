import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { firstOfMonth, type PeriodDay, type Stored } from "./period-days.ts";
import { monthOf, OPEN_DAYS } from "./reporting-days.ts";

/** Whose audience: of the whole site, or of each of these models. */
export type Scope = {
  modelIds?: readonly string[] | undefined;
  /** Only views with this value; null: those whose value is unknown. */
  filter?: ValueFilter | undefined;
};

export type ValueFilter = { dimension: Dimension; value: string | null };

/** What one question groups by: nothing, models, or the values of a dimension. Each row has its key. */
export type Grouping = Scope & { by?: Dimension | undefined };

export type StoredRow = {
  key: string;
  start: string;
  views: number;
  viewers: number;
  audience: Buffer | null;
};

/** The key of rows that are not grouped. */
export const ALL = "";

/** SQL: the key of a value. A model's id is its own key. */
export function keyOfValue(value: SQL): SQL {
  return sql`coalesce('=' || ${value}, '')`;
}

/** The value of a key; null where it is unknown. */
export function valueOfKey(key: string): string | null {
  return key === ALL ? null : key.slice(1);
}

/** Which days and months are stored for each model, or for the site (key {@link ALL})? */
export async function storedFor(
  ask: Ask,
  grouping: Grouping,
  days: readonly PeriodDay[],
): Promise<(key: string) => Stored> {
  const { modelIds, filter, by } = grouping;
  const dimension = filter?.dimension ?? by;
  // Two dimensions at once are in no table.
  if (filter !== undefined && by !== undefined) return () => ({ hasDay: () => false, hasMonth: () => false });
  const first = days[0]?.day ?? null;
  const last = days.at(-1)?.day ?? null;
  const within = (day: SQL) => sql`${day} >= ${first}::date and ${day} <= ${last}::date`;
  const statement =
    modelIds === undefined
      ? storedOfSite(dimension, within)
      : storedOfModels({ modelIds, dimension }, within);
  const { rows } = await ask<{ key: string; unit: "open" | "missing" | "month"; start: string }>(statement);
  const found = Map.groupBy(rows, ({ key, unit }) => `${unit} ${key}`);
  return (key) => {
    const startsOf = (unit: string) => new Set((found.get(`${unit} ${key}`) ?? []).map(({ start }) => start));
    const [open, missing, months] = [startsOf("open"), startsOf("missing"), startsOf("month")];
    const openMonths = new Set([...open].map(firstOfMonth));
    return {
      hasDay: (day) => !open.has(day) && !missing.has(day),
      hasMonth: (month) => !openMonths.has(month) && months.has(month),
    };
  };
}

type Within = (day: SQL) => SQL;

/** SQL: open days of the site, and its stored months; of a dimension also the days that have no values stored. */
function storedOfSite(dimension: Dimension | undefined, within: Within): SQL {
  const open = sql`select day from (${OPEN_DAYS}) open where ${within(sql`day`)}`;
  if (dimension === undefined) {
    return sql`
      select '' as key, 'open' as unit, day::text as start from (${open}) o
      union all select '', 'month', month::text from site_months where ${within(sql`month`)}`;
  }
  const ofUnit = (unit: string) =>
    sql`select start from site_values where dimension = ${dimension} and unit = ${unit} and ${within(sql`start`)}`;
  return sql`
    select '' as key, 'open' as unit, day::text as start from (${open}) o
    union all select '', 'missing', day::text from site_days where ${within(sql`day`)} and day not in (${ofUnit("day")})
    union all select distinct '', 'month', start::text from (${ofUnit("month")}) m`;
}

/** SQL: the same of each model. */
function storedOfModels(
  { modelIds, dimension }: { modelIds: readonly string[]; dimension: Dimension | undefined },
  within: Within,
): SQL {
  const areAsked = sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  if (dimension === undefined) {
    return sql`
      select model_id::text as key, 'open' as unit, day::text as start from model_days
      where ${areAsked} and ${within(sql`day`)} and viewers is null
      union all select model_id::text, 'month', month::text from model_months where ${areAsked} and ${within(sql`month`)}`;
  }
  const ofUnit = (unit: string, start: SQL) => sql`
    select from model_values v
    where v.model_id = d.model_id and v.dimension = ${dimension} and v.unit = ${unit} and v.start = ${start}`;
  return sql`
    select model_id::text as key, case when viewers is null then 'open' else 'missing' end as unit, day::text as start
    from model_days d
    where ${areAsked} and ${within(sql`day`)} and (viewers is null or not exists (${ofUnit("day", sql`d.day`)}))
    union all select distinct model_id::text, 'month', ${monthOf(sql`d.day`)}::text from model_days d
    where ${areAsked} and ${within(sql`day`)} and exists (${ofUnit("month", monthOf(sql`d.day`))})`;
}

export type StoredQuestion = Grouping & {
  unit: "day" | "month";
  starts: readonly string[];
  /** The starts whose audiences are needed; of the others only the counts. */
  withAudience: readonly string[];
  /** Only these models or values. */
  keys?: readonly string[];
};

/** SQL: the stored rows of these days or months, as {@link StoredRow}. */
export function storedRows({ modelIds, filter, by, unit, starts, withAudience, keys }: StoredQuestion): SQL {
  const dimension = filter?.dimension ?? by;
  const counts = sql`views::float8 as views, viewers::float8 as viewers`;
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const audience = (start: SQL) =>
    sql`case when ${start} = any(${sql.param(withAudience)}::date[]) then audience end as audience`;
  if (dimension === undefined) {
    const table = sql.identifier(`${modelIds === undefined ? "site" : "model"}_${unit}s`);
    const start = sql.identifier(unit);
    const key = modelIds === undefined ? sql`''` : sql`model_id::text`;
    const isClosed = modelIds !== undefined && unit === "day" ? sql`viewers is not null` : sql`true`;
    return sql`
      select ${key} as key, ${start}::text as start, ${counts}, ${audience(sql`${start}`)}
      from ${table} where ${ofModels} and ${isClosed} and ${start} = any(${sql.param(starts)}::date[])`;
  }
  const table = sql.identifier(modelIds === undefined ? "site_values" : "model_values");
  const key =
    by === undefined ? (modelIds === undefined ? sql`''` : sql`model_id::text`) : keyOfValue(sql`value`);
  const ofValue = filter === undefined ? sql`true` : sql`value is not distinct from ${filter.value}::text`;
  const areWanted =
    keys === undefined || by === undefined ? sql`true` : sql`${key} = any(${sql.param(keys)}::text[])`;
  return sql`
    select ${key} as key, start::text as start, ${counts}, ${audience(sql`start`)}
    from ${table}
    where ${ofModels} and dimension = ${dimension} and unit = ${unit} and ${ofValue} and ${areWanted}
      and start = any(${sql.param(starts)}::date[])`;
}
