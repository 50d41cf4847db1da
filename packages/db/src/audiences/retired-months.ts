import type { SQL } from "drizzle-orm";
import type { Queryable } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";
import { dayOf, nextMonth } from "./reporting-days.ts";

/** SQL: the start and the end of a month in `retired_months`, which are months in UTC. */
export const MONTH_START = sql`(month::timestamp at time zone 'utc')`;
export const MONTH_END = sql`((month + interval '1 month') at time zone 'utc')`;

/** SQL: the days that removed months touch, as a multirange; null when there are none. PostgreSQL reads it once for a statement. */
const RETIRED_DAYS = sql`(
  select range_agg(daterange(${dayOf(MONTH_START)}, ${dayOf(sql`${MONTH_END} - interval '1 microsecond'`)}, '[]')) from retired_months
)`;

/** SQL: has retention removed views of this day? Days of other zones than UTC may be of a removed month only in part. */
export function isRetired(day: SQL): SQL {
  return sql`coalesce((${day})::date <@ ${RETIRED_DAYS}, false)`;
}

/** SQL: has retention removed views of any day of this month, which is given by its first day? */
export function isMonthRetired(first: SQL): SQL {
  return sql`coalesce(daterange(${first}, ${nextMonth(first)}) && ${RETIRED_DAYS}, false)`;
}

/** SQL: has retention removed the views of the time of this instant? */
export function isRetiredAt(instant: SQL): SQL {
  return sql`date_trunc('month', (${instant}) at time zone 'utc')::date in (select month from retired_months)`;
}

/**
 * SQL: a condition on `model_views` that leaves out what retention is about to remove. Views of such a month may still be
 * there, but only its days in `model_days` count. By an array, which PostgreSQL reads once for a statement.
 */
export const NOT_RETIRED = sql`date_trunc('month', viewed_at at time zone 'utc')::date
  <> all (array(select month from retired_months))`;

/** Has retention removed any views? Reads retired_months, one small row a month. */
export async function areViewsRemoved(db: Queryable): Promise<boolean> {
  const { rowCount } = await asking(db.$client)("select from retired_months limit 1");
  return rowCount === 1;
}
