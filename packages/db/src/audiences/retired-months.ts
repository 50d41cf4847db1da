import type { SQL } from "drizzle-orm";
import type { Queryable } from "../postgres/connect.ts";
import { asking, sql } from "../postgres/sql.ts";

/**
 * SQL: has retention removed views of this day, or of the month of this timestamp (in UTC)? PostgreSQL can join by it, so
 * that it reads no days at all while no month is retired.
 */
export function isRetired(day: SQL): SQL {
  return sql`date_trunc('month', ${day}::timestamp)::date in (select month from retired_months)`;
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
