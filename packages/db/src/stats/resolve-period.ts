import type { Period } from "@model-views/shared/contracts/period.ts";
import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import { instantOfLocal } from "../postgres/local-time.ts";
import { asking, sql } from "../postgres/sql.ts";
import type { TimeZones } from "./time-zones.ts";

/** The ends of a period as they were asked for: days in `tz`, or instants. */
export type AskedPeriod = { from?: string | undefined; to?: string | undefined; tz: string };

/**
 * The period, and the start of the one of the same length just before it. The length is by the clock of the time zone, so
 * days stay days, also those of 23 hours; periods shorter than a day are by elapsed time.
 */
export type ResolvedPeriod = Period & {
  previousFrom: Date;
  /** The time zone, by a name that PostgreSQL knows. */
  tz: string;
};

/** SQL: the instant of an end of a period, which may be a day. */
function instantOf(end: string, tz: string): SQL {
  return end.includes("T") ? sql`${end}::timestamptz` : instantOfLocal(sql`${end}::date::timestamp`, tz);
}

/** What is wrong with a period that PostgreSQL refuses: the time zone is unknown to it, or one of the times. */
export type WrongPeriod = { wrong: "tz" | "from" | "to" };

/** SQLSTATE of a time zone that PostgreSQL does not know. */
const INVALID_PARAMETER_VALUE = "22023";

/**
 * Which instants are meant? A day stands for its start in the time zone, by PostgreSQL's time zone data.
 *
 * @param now the end of the period where `to` is not given.
 * @param daysBefore days from the start to the end where `from` is not given.
 * @param zones finds another name for a time zone that PostgreSQL does not know.
 */
export async function resolvePeriod(
  pool: Pick<Pool, "query">,
  { from, to, tz }: AskedPeriod,
  { now, daysBefore, zones }: { now: Date; daysBefore: number; zones: TimeZones },
): Promise<ResolvedPeriod | WrongPeriod> {
  const zone = zones.nameOf(tz);
  try {
    const period = await askPeriod(pool, { from, to: to ?? now.toISOString(), tz: zone }, daysBefore);
    return { ...period, tz: zone };
  } catch (error) {
    const { kind, sqlstate } = failureOf(error);
    if (kind !== "data") throw error;
    if (sqlstate === INVALID_PARAMETER_VALUE) {
      if (zone !== tz || (await zones.lookUp(tz)) === undefined) return { wrong: "tz" };
      return resolvePeriod(pool, { from, to, tz }, { now, daysBefore, zones });
    }
    return { wrong: (await isTime(pool, to)) ? "from" : "to" };
  }
}

async function askPeriod(
  pool: Pick<Pool, "query">,
  { from, to, tz }: { from: string | undefined; to: string; tz: string },
  daysBefore: number,
): Promise<Omit<ResolvedPeriod, "tz">> {
  const start =
    from === undefined
      ? instantOfLocal(sql`to_end.t at time zone ${tz} - make_interval(days => ${daysBefore})`, tz)
      : instantOf(from, tz);
  const local = (instant: SQL) => sql`(${instant} at time zone ${tz})`;
  const [localFrom, localTo] = [local(sql`from_end`), local(sql`to_end`)];
  const { rows } = await asking(pool)<Omit<ResolvedPeriod, "tz">>(sql`
    with to_end as (
      select ${instantOf(to, tz)} as t
    ), ends as (
      select to_end.t as to_end, ${start} as from_end from to_end
    )
    select from_end as "from", to_end as "to",
      case
        when ${localTo} - ${localFrom} < interval '1 day' then from_end - (to_end - from_end)
        else ${instantOfLocal(sql`${localFrom} - (${localTo} - ${localFrom})`, tz)}
      end as "previousFrom"
    from ends`);
  const [period] = rows;
  if (period === undefined) throw new Error("a question without a table returned no row");
  return period;
}

async function isTime(pool: Pick<Pool, "query">, given: string | undefined): Promise<boolean> {
  if (given === undefined) return true;
  try {
    await asking(pool)(sql`select ${given}::timestamptz`);
    return true;
  } catch (error) {
    if (failureOf(error).kind !== "data") throw error;
    return false;
  }
}
