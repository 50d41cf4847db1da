import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import type { TimeZones } from "./time-zones.ts";

/** The ends of a period as they were asked for: days in `tz` or instants; `from` may be so many days before `to`. */
export type AskedPeriod = { from?: string | undefined; to?: string | undefined; tz: string };

/**
 * The period, and where the one of the same length just before begins: by the clock of the time zone, so that days stay
 * days, also those of 23 hours; by the time that passes for what is shorter by the clock than a day.
 */
export type ResolvedPeriod = Period & {
  previousFrom: Date;
  /** The time zone, by a name that PostgreSQL knows. */
  tz: string;
};

/**
 * SQL: the instant at which a local time begins. Where the clock is put back, a time is there twice, and the first is
 * meant; PostgreSQL itself takes the second. Where it is put forward over a time, the end of the jump.
 */
export function instantOfLocal(local: string, tz: string): string {
  return `coalesce(
    (select min(t) from unnest(array[interval '3 hours', '2 hours', '1 hour', '30 minutes', '0']) back,
      lateral (select ((${local}) at time zone ${tz}) - back as t) candidate
      where t at time zone ${tz} = (${local})),
    (${local}) at time zone ${tz})`;
}

const RESOLVE = `
with to_end as (
  select case when $2 ~ 'T' then $2::timestamptz else ${instantOfLocal("$2::date::timestamp", "$4")} end as t
), ends as (
  select to_end.t as to_end, case
    when $1::text is null then ${instantOfLocal("to_end.t at time zone $4 - make_interval(days => $3)", "$4")}
    when $1 ~ 'T' then $1::timestamptz
    else ${instantOfLocal("$1::date::timestamp", "$4")}
  end as from_end
  from to_end
)
select from_end as "from", to_end as "to",
  case
    when (to_end at time zone $4) - (from_end at time zone $4) < interval '1 day' then from_end - (to_end - from_end)
    else ${instantOfLocal("(from_end at time zone $4) - ((to_end at time zone $4) - (from_end at time zone $4))", "$4")}
  end as "previousFrom"
from ends`;

/** What a period that PostgreSQL does not take was: an unknown time zone, or a time that it does not know. */
export type WrongPeriod = { wrong: "tz" | "from" | "to" };

/** SQLSTATE of a time zone that PostgreSQL does not know. */
const INVALID_PARAMETER_VALUE = "22023";

/**
 * Which instants are meant? A day is its start in the time zone, as PostgreSQL's data have it.
 *
 * @param now stands for a `to` that is not given.
 * @param zones finds another name where PostgreSQL does not know the one that is asked for.
 * @param daysBefore how many days before `to` a `from` that is not given is.
 */
export async function resolvePeriod(
  pool: Pool,
  { from, to, tz }: AskedPeriod,
  { now, daysBefore, zones }: { now: Date; daysBefore: number; zones: TimeZones },
): Promise<ResolvedPeriod | WrongPeriod> {
  const known = zones.nameOf(tz);
  try {
    const values = [from ?? null, to ?? now.toISOString(), daysBefore, known];
    const { rows } = await pool.query<Omit<ResolvedPeriod, "tz">>(RESOLVE, values);
    const [period] = rows;
    if (period === undefined) throw new Error("a question without a table returned no row");
    return { ...period, tz: known };
  } catch (error) {
    const { kind, sqlstate } = failureOf(error);
    if (kind !== "data") throw error;
    if (sqlstate === INVALID_PARAMETER_VALUE) {
      if (known !== tz || (await zones.lookUp(tz)) === undefined) return { wrong: "tz" };
      return resolvePeriod(pool, { from, to, tz }, { now, daysBefore, zones });
    }
    return { wrong: (await isTime(pool, to)) ? "from" : "to" };
  }
}

async function isTime(pool: Pool, given: string | undefined): Promise<boolean> {
  if (given === undefined) return true;
  try {
    await pool.query("select $1::timestamptz", [given]);
    return true;
  } catch (error) {
    if (failureOf(error).kind !== "data") throw error;
    return false;
  }
}
