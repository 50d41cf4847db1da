import type { SQL } from "drizzle-orm";
import { sql } from "./sql.ts";

/** SQL: no clock is put back further at once. */
export const PUT_BACK_MAX = sql`interval '3 hours'`;

/**
 * SQL: the instant at which a local time begins. Where the clock is put back and a time occurs twice: the first, while
 * PostgreSQL itself takes the second. Where the clock is put forward over a time: the end of the jump.
 */
export function instantOfLocal(local: SQL, tz: SQL | string): SQL {
  const second = sql`((${local}) at time zone ${tz})`;
  // Only where the clock was put back in the hours before, the first is looked for.
  return sql`case when (${second} - ${PUT_BACK_MAX}) at time zone ${tz} <= (${local}) - ${PUT_BACK_MAX} then ${second}
    else coalesce(
      (select min(t) from unnest(array[${PUT_BACK_MAX}, '2 hours', '1 hour', '30 minutes']) back,
        lateral (select ${second} - back as t) candidate
        where t at time zone ${tz} = (${local})),
      ${second}) end`;
}
