import type { Pool } from "pg";
import { dayOf, startOfDay } from "../audiences/reporting-days.ts";
import { MONTH_END } from "../audiences/retired-months.ts";
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

/** Since when which zone is that of the days, as one text: the same as long as no step of a change was done. */
export async function zonesText(ask: Ask): Promise<string> {
  const { rows } = await ask<{ zones: string }>(
    sql`select coalesce(string_agg(since || ' ' || time_zone, ', ' order by since), '') as zones from reporting_zones`,
  );
  return rows[0]?.zones ?? "";
}

/** The first day that can be counted anew: all of its views are there. Null: every day. */
export async function oldestKeptDay(ask: Ask): Promise<string | null> {
  const { rows } = await ask<{ day: string | null }>(sql`
    select (case when ${startOfDay(sql`day`)} < kept then day + 1 else day end)::text as day
    from (select kept, ${dayOf(sql`kept`)} as day from (select max(${MONTH_END}) as kept from retired_months) m) oldest`);
  return rows[0]?.day ?? null;
}

/** A change of the zone was stopped before it came to these days, which can be counted anew. */
export function isUnfinished({ firstDay }: ZoneRow, oldest: string | null): boolean {
  return firstDay !== null && (oldest === null || firstDay > oldest);
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
 * What an operator has to know when the setting is another zone than that of the days, or not that of all days yet; undefined when
 * it is the same, or not set.
 *
 * @param setting `REPORTING_TIME_ZONE`.
 */
export async function otherZone(
  pool: Pick<Pool, "query">,
  setting: string | undefined,
): Promise<string | undefined> {
  if (setting === undefined) return undefined;
  const ask = asking(pool);
  const [newest] = await zoneRows(ask);
  const { timeZone, firstDay } = newest;
  if (isSameZone(timeZone, setting)) {
    if (!isUnfinished(newest, await oldestKeptDay(ask))) return undefined;
    return `days before ${firstDay} are not yet those of ${timeZone}: npm run reporting-zone -- ${timeZone} goes on`;
  }
  return `days are those of ${timeZone}, and REPORTING_TIME_ZONE is ${setting}: npm run reporting-zone -- ${setting} changes them`;
}
