import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";

/** SQL: the day (in UTC) of an instant, as in `model_days`. */
export function dayOf(instant: SQL): SQL {
  return sql`((${instant}) at time zone 'utc')::date`;
}

/** SQL: the instant at which a day begins. */
export function startOfDay(day: SQL): SQL {
  return sql`(${day})::timestamp at time zone 'utc'`;
}

/** SQL: the condition on `model_views` that a view is of this day. */
export function isOfDay(day: SQL): SQL {
  return sql`viewed_at >= ${startOfDay(day)} and viewed_at < ${startOfDay(sql`${day} + 1`)}`;
}

/** SQL: the first day of the month of a day. */
export function monthOf(day: SQL): SQL {
  return sql`date_trunc('month', ${day}::timestamp)::date`;
}

/** SQL: days on which the site's audience is not known: one of a model is open, or was finalized or deleted since. */
export const OPEN_DAYS = sql`select day from model_days where viewers is null union select day from changed_days`;
