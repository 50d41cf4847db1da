import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { type Grouping, storedDimensions } from "./grouping.ts";
import { firstOfMonth, hourNameOf, type PeriodDay, type Stored } from "./period-days.ts";
import { monthOf, OPEN_DAYS, startOfDay } from "./reporting-days.ts";

/** Nothing is stored. */
export const NOTHING_STORED: Stored = { hasDay: () => false, hasMonth: () => false, hours: [] };

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
  const hours = rows
    .filter(({ unit }) => unit === "hour")
    .map(({ start }) => Date.parse(`${start}:00Z`))
    .toSorted((a, b) => a - b);
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
      hours,
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
