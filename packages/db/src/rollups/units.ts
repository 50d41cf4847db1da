import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";

/**
 * The periods, in UTC, whose viewers are counted once they are over (weeks begin on Monday): `unit` of `model_periods` and
 * `site_periods`.
 */
export const UNITS = ["day", "week", "month"] as const;
export type Unit = (typeof UNITS)[number];

/** SQL: the length of a unit, as it is added to a date. */
export function lengthOf(unit: Unit): SQL {
  return sql`${`1 ${unit}`}::interval`;
}

/** SQL: the first day of the unit that this day is in. */
export function startOf(unit: Unit, day: SQL): SQL {
  return sql`date_trunc(${unit}, ${day}::timestamp)::date`;
}

const DAY_MS = 86_400_000;

/** Is [start, end) one day, week or month in UTC? The time zone of the question does not matter. */
export function utcUnit({ start, end }: { start: Date; end: Date }): Unit | undefined {
  if (start.getTime() % DAY_MS !== 0 || end.getTime() % DAY_MS !== 0) return undefined;
  const days = (end.getTime() - start.getTime()) / DAY_MS;
  if (days === 1) return "day";
  if (days === 7) return start.getUTCDay() === 1 ? "week" : undefined;
  const monthLater = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
  return start.getUTCDate() === 1 && end.getTime() === monthLater ? "month" : undefined;
}
