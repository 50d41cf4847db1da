import type { Compare, Period } from "@model-views/shared/contracts/period.ts";
import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { failureOf } from "../postgres/failure.ts";
import { instantOfLocal } from "../postgres/local-time.ts";
import { asking, sql } from "../postgres/sql.ts";
import type { TimeZones } from "./time-zones.ts";

/** The ends of a period as they were asked for: days in `tz`, or instants. */
export type AskedPeriod = {
  from?: string | undefined;
  to?: string | undefined;
  tz: string;
  /** Which earlier period to find as well; by default the one of the same length just before. */
  compare?: Compare | undefined;
};

/**
 * The period, and the one that it is compared with. Lengths are by the clock of the time zone, so days stay days, also those of 23
 * hours; periods shorter than a day that are compared with the one just before are by elapsed time.
 */
export type ResolvedPeriod = Period & {
  previous: Period;
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
  { from, to, tz, compare = "previous" }: AskedPeriod,
  { now, daysBefore, zones }: { now: Date; daysBefore: number; zones: TimeZones },
): Promise<ResolvedPeriod | WrongPeriod> {
  const zone = zones.nameOf(tz);
  try {
    const asked = { from, to: to ?? now.toISOString(), tz: zone, compare };
    const period = await askPeriod(pool, asked, daysBefore);
    return { ...period, tz: zone };
  } catch (error) {
    const { kind, sqlstate } = failureOf(error);
    if (kind !== "data") throw error;
    if (sqlstate === INVALID_PARAMETER_VALUE) {
      if (zone !== tz || (await zones.lookUp(tz)) === undefined) return { wrong: "tz" };
      return resolvePeriod(pool, { from, to, tz, compare }, { now, daysBefore, zones });
    }
    return { wrong: (await isTime(pool, to)) ? "from" : "to" };
  }
}

async function askPeriod(
  pool: Pick<Pool, "query">,
  { from, to, tz, compare }: { from: string | undefined; to: string; tz: string; compare: Compare },
  daysBefore: number,
): Promise<Omit<ResolvedPeriod, "tz">> {
  const start =
    from === undefined
      ? instantOfLocal(sql`to_end.t at time zone ${tz} - make_interval(days => ${daysBefore})`, tz)
      : instantOf(from, tz);
  const before = compare === "previous" ? justBefore(tz) : shiftedBack(compare, tz);
  const { rows } = await asking(pool)<Period & { previousFrom: Date; previousTo: Date }>(sql`
    with to_end as (
      select ${instantOf(to, tz)} as t
    ), ends as (
      select to_end.t as to_end, ${start} as from_end from to_end
    )
    select from_end as "from", to_end as "to", ${before.from} as "previousFrom", ${before.to} as "previousTo" from ends`);
  const [found] = rows;
  if (found === undefined) throw new Error("a question without a table returned no row");
  const { previousFrom, previousTo, ...period } = found;
  return { ...period, previous: { from: previousFrom, to: previousTo } };
}

/** SQL: the ends of an earlier period, of `from_end` and `to_end`. */
type Ends = { from: SQL; to: SQL };

function justBefore(tz: string): Ends {
  const [localFrom, localTo] = [localOf("from_end", tz), localOf("to_end", tz)];
  const from = sql`
    case
      when ${localTo} - ${localFrom} < interval '1 day' then from_end - (to_end - from_end)
      else ${instantOfLocal(sql`${localFrom} - (${localTo} - ${localFrom})`, tz)}
    end`;
  return { from, to: sql`from_end` };
}

function shiftedBack(compare: Exclude<Compare, "previous">, tz: string): Ends {
  const [localFrom, localTo] = [localOf("from_end", tz), localOf("to_end", tz)];
  // Of the last day only its start is not a part of the period.
  const days = sql`((${localTo} - interval '1 microsecond')::date - ${localFrom}::date + 1)`;
  if (compare === "year") {
    const from = instantOfLocal(sql`${localFrom} - interval '1 year'`, tz);
    return { from, to: instantOfLocal(endAYearBefore(localTo), tz) };
  }
  const by = {
    days: sql`make_interval(days => ${days})`,
    weekdays: sql`make_interval(days => (${days} + 6) / 7 * 7)`,
  }[compare];
  return {
    from: instantOfLocal(sql`${localFrom} - ${by}`, tz),
    to: instantOfLocal(sql`${localTo} - ${by}`, tz),
  };
}

/**
 * SQL: a local end a year before. An end at midnight closes the day before it, so that day is moved back: 28 February of a leap
 * year ends with the 29th, which the year before does not have.
 */
function endAYearBefore(localTo: SQL): SQL {
  return sql`
    case
      when ${localTo} = date_trunc('day', ${localTo}) then ${localTo} - interval '1 day' - interval '1 year' + interval '1 day'
      else ${localTo} - interval '1 year'
    end`;
}

function localOf(end: "from_end" | "to_end", tz: string): SQL {
  return sql`(${sql.raw(end)} at time zone ${tz})`;
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
