import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";
import { createTimeZones, isSameZone } from "../stats/time-zones.ts";

/** Where there is no row, days are in this zone. */
export const DEFAULT_ZONE = "UTC";

/** A row of `reporting_zones`. Null: of all time. */
export type ZoneRow = { timeZone: string; firstDay: string | null; since: Date | null };

/** The zones of the days, the newest first; the last one is of all time before. */
export async function zoneRows(ask: Ask): Promise<[ZoneRow, ...ZoneRow[]]> {
  const { rows } = await ask<ZoneRow>(sql`
    select time_zone as "timeZone", case when isfinite(first_day) then first_day::text end as "firstDay",
      case when isfinite(since) then since end as since
    from reporting_zones order by reporting_zones.since desc`);
  const [newest, ...others] = rows;
  const first: ZoneRow = { timeZone: DEFAULT_ZONE, firstDay: null, since: null };
  if (newest === undefined) return [first];
  return rows.at(-1)?.since === null ? [newest, ...others] : [newest, ...others, first];
}

/** SQLSTATE of a time zone that PostgreSQL does not know. */
const INVALID_PARAMETER_VALUE = "22023";

/** The name that PostgreSQL has for a time zone; undefined when it does not know the zone. */
export async function nameInPostgres(pool: Pool, timeZone: string): Promise<string | undefined> {
  try {
    await asking(pool)(sql`select now() at time zone ${timeZone}`);
    return timeZone;
  } catch (error) {
    if (failureOf(error).sqlstate !== INVALID_PARAMETER_VALUE) throw error;
    return createTimeZones(pool).lookUp(timeZone);
  }
}

/**
 * What an operator has to know when the setting is another zone than that of the days; undefined when it is the same, or not set.
 *
 * @param setting `REPORTING_TIME_ZONE`.
 */
export async function otherZone(
  pool: Pick<Pool, "query">,
  setting: string | undefined,
): Promise<string | undefined> {
  if (setting === undefined) return undefined;
  const [{ timeZone }] = await zoneRows(asking(pool));
  if (isSameZone(timeZone, setting)) return undefined;
  return `days are those of ${timeZone}, and REPORTING_TIME_ZONE is ${setting}: npm run reporting-zone -- ${setting} changes them`;
}
