import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { firstOfMonth, hourNameOf, type PeriodDay, type Stored } from "./period-days.ts";
import { monthOf, OPEN_DAYS, startOfDay } from "./reporting-days.ts";

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

/** Nothing is stored. */
export const NOTHING_STORED: Stored = { hasDay: () => false, hasMonth: () => false, hasHour: () => false };

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

/** Which hours, days and months are stored for each dimension that is grouped by, else for each model, or for the site (key {@link ALL})? */
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
  const { rows } = await ask<{ key: string; unit: "hour" | "open" | "missing" | "month"; start: string }>(sql`
    ${statement} union all select '', 'hour', ${hourNameOf(sql`hour`)} from (${storedHours(grouping)}) hours
    where hour >= ${startOfDay(sql`${first}::date`)} and hour < ${startOfDay(sql`${last}::date + 1`)}`);
  const hours = new Set(rows.filter(({ unit }) => unit === "hour").map(({ start }) => start));
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
      hasHour: (hour) => hours.has(hour),
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

/** SQL: hours that are stored. Of values only those of the site are. */
function storedHours({ modelIds, filters = [], by }: Grouping): SQL {
  const complete = sql`select hour from finalized_hours f where is_complete`;
  if (modelIds === undefined) {
    return sql`${complete} and not exists (select from changed_hours c where c.hour = f.hour)`;
  }
  return filters.length === 0 && by === undefined ? complete : sql`select null::timestamptz as hour`;
}

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
  unit: Unit;
  starts: readonly string[];
  /** The starts whose audiences are needed; of the others only the counts. */
  withAudience: readonly string[];
  /** Only these models or values. */
  keys?: readonly string[];
};

/** What is stored as a whole. Starts are days, months by their first day, and hours as `hourName` writes them. */
export const UNITS = ["month", "day", "hour"] as const;

export type Unit = (typeof UNITS)[number];

/**
 * Reads the stored rows of these hours, days or months. Audiences come as base64: pg makes a text of every value, and PostgreSQL's
 * own text of bytes is half as long again.
 */
export async function readStored(ask: Ask, question: StoredQuestion): Promise<StoredRow[]> {
  const { rows } = await ask<StoredRow & { base64: string | null }>(storedRows(question));
  return rows.map(({ base64, ...row }) => ({
    ...row,
    audience: base64 === null ? null : Buffer.from(base64, "base64"),
  }));
}

function storedRows({ unit, starts, withAudience, keys, ...grouping }: StoredQuestion): SQL {
  const { modelIds, by } = grouping;
  const { table, start, key, where } = rowsOf(grouping, unit);
  const inUnit = (names: readonly string[]) =>
    unit === "hour"
      ? sql`any(${sql.param(names.map((name) => `${name}:00Z`))}::timestamptz[])`
      : sql`any(${sql.param(names)}::date[])`;
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const areWanted =
    keys === undefined || by === undefined ? sql`true` : sql`${key} = any(${sql.param(keys)}::text[])`;
  return sql`
    select ${key} as key, ${unit === "hour" ? hourNameOf(start) : sql`${start}::text`} as start, views::float8 as views,
      viewers::float8 as viewers, case when ${start} = ${inUnit(withAudience)} then encode(audience, 'base64') end as base64
    from ${table} where ${start} = ${inUnit(starts)} and ${ofModels} and ${where} and ${areWanted}`;
}

/** SQL: the table that has these rows, its column with the start, the key of a row, and which rows are of the grouping. */
function rowsOf(grouping: Grouping, unit: Unit): Record<"table" | "start" | "key" | "where", SQL> {
  const { modelIds, filters = [], by } = grouping;
  const owner = modelIds === undefined ? "site" : "model";
  const ofOwner = modelIds === undefined ? sql`''` : sql`model_id::text`;
  const dimensions = storedDimensions(grouping);
  if (dimensions === undefined) {
    const isClosed = modelIds !== undefined && unit === "day" ? sql`viewers is not null` : sql`true`;
    return {
      table: sql`${sql.identifier(`${owner}_${unit}s`)}`,
      start: sql`${sql.identifier(unit)}`,
      key: ofOwner,
      where: isClosed,
    };
  }
  const key = by === undefined ? ofOwner : sql`dimension || ${keyOfValue(sql`value`)}`;
  const [filter] = filters;
  const ofValue = filter === undefined ? sql`true` : sql`value is not distinct from ${filter.value}::text`;
  const where = sql`dimension = any(${sql.param(dimensions)}::text[]) and ${ofValue}`;
  if (unit === "hour") return { table: sql`site_hour_values`, start: sql`hour`, key, where };
  return {
    table: sql`${sql.identifier(`${owner}_values`)}`,
    start: sql`start`,
    key,
    where: sql`${where} and unit = ${unit}`,
  };
}
