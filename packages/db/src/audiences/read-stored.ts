import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { type Grouping, keyOfValue, storedDimensions } from "./grouping.ts";
import { hourNameOf } from "./period-days.ts";

export type StoredRow = {
  key: string;
  start: string;
  views: number;
  viewers: number;
  /** As base64, which {@link bytesOf} decodes; null where it was not asked for, or is not known. */
  audience: string | null;
};

/** The bytes of an audience. Decoded one by one, so that other work of the process has its turn in between. */
export function bytesOf(audience: string): Buffer {
  return Buffer.from(audience, "base64");
}

export type StoredQuestion = Grouping & {
  unit: Unit;
  starts: readonly string[];
  /** The starts whose audiences are needed; of the others only the counts. */
  withAudience: readonly string[];
  /** Only these models or values. */
  keys?: readonly string[];
};

/** What is stored as a whole. Starts are days, months by their first day, and hours like `2026-11-22T08`. */
export const UNITS = ["month", "day", "hour"] as const;

export type Unit = (typeof UNITS)[number];

/**
 * Reads the stored rows of these hours, days or months. Audiences come as base64: pg makes a text of every value, and PostgreSQL's
 * own text of bytes is half as long again.
 */
export async function readStored(ask: Ask, question: StoredQuestion): Promise<StoredRow[]> {
  const { rows } = await ask<StoredRow>(storedRows(question));
  return rows;
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
      viewers::float8 as viewers, case when ${start} = ${inUnit(withAudience)} then encode(audience, 'base64') end as audience
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
