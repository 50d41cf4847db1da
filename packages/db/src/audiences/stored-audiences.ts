import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { firstOfMonth, type PeriodDay, type Stored } from "./period-days.ts";
import { monthOf, OPEN_DAYS } from "./reporting-days.ts";

/** Whose audience: of the whole site, or of each of these models. */
export type Scope = {
  modelIds?: readonly string[] | undefined;
  /** Only views with all of these values. Several are in no table, so their views are counted. */
  filters?: readonly ValueFilter[] | undefined;
};

/** A value of a dimension; null: the value is unknown. */
export type ValueFilter = { dimension: Dimension; value: string | null };

/**
 * What one question groups by: nothing, models, or the values of dimensions, of the site or of one model. Each row has its key:
 * {@link ALL}, the model's id, or that of the value.
 */
export type Grouping = Scope & { by?: readonly Dimension[] | undefined };

export type StoredRow = {
  key: string;
  start: string;
  views: number;
  viewers: number;
  audience: Buffer | null;
};

/** The key of rows that are not grouped. */
export const ALL = "";

/** SQL: a value as the end of a key. */
export function keyOfValue(value: SQL): SQL {
  return sql`coalesce('=' || ${value}, '')`;
}

/** The dimension and the value of a key such as `country=DE`; the value is null where it is unknown. */
export function partsOfKey(key: string): { dimension: string; value: string | null } {
  const end = key.indexOf("=");
  return end === -1
    ? { dimension: key, value: null }
    : { dimension: key.slice(0, end), value: key.slice(end + 1) };
}

export const NOTHING_STORED: Stored = { hasDay: () => false, hasMonth: () => false };

/**
 * The dimensions whose stored values answer: those grouped by, or that of the filter. Undefined where values do not matter. Two
 * dimensions at once are in no table, so a filter leaves only its own.
 */
function storedDimensions({ filters = [], by }: Grouping): readonly Dimension[] | undefined {
  const [filter, ...more] = filters;
  if (filter === undefined) return by;
  if (more.length > 0) return [];
  return (by ?? [filter.dimension]).filter((dimension) => dimension === filter.dimension);
}

/** Which days and months are stored for each dimension that is grouped by, else for each model, or for the site (key {@link ALL})? */
export async function storedFor(
  ask: Ask,
  grouping: Grouping,
  days: readonly PeriodDay[],
): Promise<(key: string) => Stored> {
  const { modelIds, by } = grouping;
  const dimensions = storedDimensions(grouping);
  if (dimensions?.length === 0) return () => NOTHING_STORED;
  const first = days[0]?.day ?? null;
  const last = days.at(-1)?.day ?? null;
  const within = (day: SQL) => sql`${day} >= ${first}::date and ${day} <= ${last}::date`;
  const byDimension = by !== undefined;
  const statement =
    modelIds === undefined
      ? storedOfSite({ dimensions, byDimension }, within)
      : storedOfModels({ modelIds, dimensions, byDimension }, within);
  const { rows } = await ask<{ key: string; unit: "open" | "missing" | "month"; start: string }>(statement);
  const found = Map.groupBy(rows, ({ key, unit }) => `${unit} ${key}`);
  return (key) => {
    if (by !== undefined && dimensions?.some((dimension) => dimension === key) === false)
      return NOTHING_STORED;
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

type Values = {
  /** Undefined: values do not matter. */
  dimensions: readonly Dimension[] | undefined;
  /** Rows have the dimension as key. */
  byDimension: boolean;
};

/** SQL: open days of the site, and its stored months; of a dimension also the days that have no values stored. */
function storedOfSite({ dimensions, byDimension }: Values, within: Within): SQL {
  const open = sql`select day from (${OPEN_DAYS}) open where ${within(sql`day`)}`;
  if (dimensions === undefined) {
    return sql`
      select '' as key, 'open' as unit, day::text as start from (${open}) o
      union all select '', 'month', month::text from site_months where ${within(sql`month`)}`;
  }
  const key = byDimension ? sql`q.dimension` : sql`''`;
  const hasDay = sql`
    select from site_values v where v.dimension = q.dimension and v.unit = 'day' and v.start = d.day`;
  return sql`
    select ${key} as key, unit, start::text as start
    from unnest(${sql.param(dimensions)}::text[]) q(dimension), lateral (
      select 'open' as unit, day as start from (${open}) o
      union all select 'missing', day from site_days d where ${within(sql`day`)} and not exists (${hasDay})
      union all select distinct 'month', start from site_values v
      where v.dimension = q.dimension and unit = 'month' and ${within(sql`start`)}
    ) stored`;
}

/** SQL: the same of each model. */
function storedOfModels(
  { modelIds, dimensions, byDimension }: Values & { modelIds: readonly string[] },
  within: Within,
): SQL {
  const areAsked = sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  if (dimensions === undefined) {
    return sql`
      select model_id::text as key, 'open' as unit, day::text as start from model_days
      where ${areAsked} and ${within(sql`day`)} and viewers is null
      union all select model_id::text, 'month', month::text from model_months where ${areAsked} and ${within(sql`month`)}`;
  }
  const key = byDimension ? sql`q.dimension` : sql`model_id::text`;
  const asked = sql`model_days d, unnest(${sql.param(dimensions)}::text[]) q(dimension)
    where ${areAsked} and ${within(sql`day`)}`;
  const ofUnit = (unit: string, start: SQL) => sql`
    select from model_values v
    where v.model_id = d.model_id and v.dimension = q.dimension and v.unit = ${unit} and v.start = ${start}`;
  return sql`
    select ${key} as key, case when viewers is null then 'open' else 'missing' end as unit, day::text as start
    from ${asked}
      and (viewers is null or not exists (${ofUnit("day", sql`d.day`)}))
    union all select distinct ${key}, 'month', ${monthOf(sql`d.day`)}::text from ${asked}
      and exists (${ofUnit("month", monthOf(sql`d.day`))})`;
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
export function storedRows(question: StoredQuestion): SQL {
  const { modelIds, filters = [], by, unit, starts, withAudience, keys } = question;
  const dimensions = storedDimensions(question);
  const counts = sql`views::float8 as views, viewers::float8 as viewers`;
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const audience = (start: SQL) =>
    sql`case when ${start} = any(${sql.param(withAudience)}::date[]) then audience end as audience`;
  if (dimensions === undefined) {
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
    by !== undefined
      ? sql`dimension || ${keyOfValue(sql`value`)}`
      : modelIds === undefined
        ? sql`''`
        : sql`model_id::text`;
  const [filter] = filters;
  const ofValue = filter === undefined ? sql`true` : sql`value is not distinct from ${filter.value}::text`;
  const areWanted =
    keys === undefined || by === undefined ? sql`true` : sql`${key} = any(${sql.param(keys)}::text[])`;
  return sql`
    select ${key} as key, start::text as start, ${counts}, ${audience(sql`start`)}
    from ${table}
    where ${ofModels} and dimension = any(${sql.param(dimensions)}::text[]) and unit = ${unit} and ${ofValue} and ${areWanted}
      and start = any(${sql.param(starts)}::date[])`;
}
