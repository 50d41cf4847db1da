import type { SQL } from "drizzle-orm";
import { instantOfLocal, PUT_BACK_MAX } from "../postgres/local-time.ts";
import { type Ask, sql, toQuery } from "../postgres/sql.ts";

/**
 * The days of `model_days` and of everything that is stored by day or month: those of the reporting time zone.
 *
 * `reporting_zones` has a row for each time at which the zone changed, and what came before the first row is in UTC. A row
 * governs from `since` until the next row's. Its first day, `first_day`, begins at `since`, at any time of the day,
 * and its later days at midnight. So a day at a change may be longer or shorter than others, but every instant is in one
 * day, and the days are in order.
 */

/** SQL: the zone and the first day of the row that governs `viewed_at`; both by arrays, which PostgreSQL reads once for a statement. */
const GOVERNING = sql`
  select z.*, coalesce((array(select time_zone from reporting_zones order by since))[nth], 'UTC') as time_zone,
    (array(select first_day from reporting_zones order by since))[nth] as first_day`;
const NTH = sql`width_bucket(viewed_at, array(select since from reporting_zones order by since)) as nth`;

/**
 * SQL: the clock was put back over midnight, and the day after has already begun once. Such a time is after 21:00, and few
 * zones have ever had one, so mostly the first condition decides.
 */
const IS_NEXT_DAY = sql`local::time >= '21:00'
  and (viewed_at - ${PUT_BACK_MAX}) at time zone time_zone > local - ${PUT_BACK_MAX}
  and viewed_at >= ${instantOfLocal(sql`(local::date + 1)::timestamp`, sql`time_zone`)}`;

/** SQL: these rows, which have `viewed_at`, with their day as `day`. For many rows: it costs a microsecond for each. */
export function withDay(rows: SQL): SQL {
  return sql`
    select d.*, greatest(first_day, local::date + case when ${IS_NEXT_DAY} then 1 else 0 end) as day
    from (
      select g.*, viewed_at at time zone time_zone as local
      from (${GOVERNING} from (select r.*, ${NTH} from ${rows} r) z) g offset 0
    ) d`;
}

/** The same as text, for statements without Drizzle. */
export function withDayText(rows: string): string {
  return toQuery(withDay(sql.raw(rows))).text;
}

/** SQL: the day of an instant. */
export function dayOf(instant: SQL): SQL {
  return sql`(select day from (${withDay(sql`(select (${instant}) as viewed_at)`)}) of_instant)`;
}

/** SQL: the instant at which a day begins. */
export function startOfDay(day: SQL): SQL {
  const midnight = instantOfLocal(sql`of_day.day::timestamp`, sql`z.time_zone`);
  return sql`(
    select coalesce((
      select case when z.first_day = of_day.day then z.since else greatest(z.since, ${midnight}) end
      from reporting_zones z where z.first_day <= of_day.day order by z.first_day desc limit 1
    ), of_day.day::timestamp at time zone 'utc') from (select (${day})::date as day) of_day
  )`;
}

/** SQL: rows `day` and `start` for the days from one to another. */
export function daysBetween(first: SQL, last: SQL): SQL {
  const midnight = instantOfLocal(sql`day::timestamp`, sql`time_zone`);
  return sql`
    select day, case when day = first_day then since else greatest(since, ${midnight}) end as start
    from (
      select since, first_day, time_zone, coalesce(lead(first_day) over (order by first_day), 'infinity') as next_day
      from (
        select since, first_day, time_zone from reporting_zones
        union all select '-infinity', '-infinity', 'UTC' where not exists (
          select from reporting_zones where first_day = '-infinity'
        )
      ) with_utc
    ) z join lateral (
      select d::date as day
      from generate_series(greatest(first_day, ${first}), least(next_day - 1, ${last}), interval '1 day') d
    ) days on true`;
}

/**
 * SQL: the condition on `model_views` that a view is of this day, `2026-11-22`. By its bounds as parameters, so that PostgreSQL
 * plans with them. They hold as long as the transaction has a snapshot, or the lock `finalize`.
 */
export function isOfDay(ask: Ask, day: string): Promise<SQL> {
  return isBetween(ask, sql`${day}::date`, sql`${day}::date + 1`);
}

/** SQL: likewise that a view is of this month, which is given by its first day. */
export function isOfMonth(ask: Ask, first: string): Promise<SQL> {
  return isBetween(ask, sql`${first}::date`, nextMonth(sql`${first}::date`));
}

async function isBetween(ask: Ask, first: SQL, next: SQL): Promise<SQL> {
  const { rows } = await ask<{ start: Date; end: Date }>(
    sql`select ${startOfDay(first)} as start, ${startOfDay(next)} as end`,
  );
  const [span] = rows;
  if (span === undefined) throw new Error("a question without a table returned no row");
  return sql`viewed_at >= ${span.start} and viewed_at < ${span.end}`;
}

/** SQL: the first day of the month of a day. */
export function monthOf(day: SQL): SQL {
  return sql`date_trunc('month', ${day}::timestamp)::date`;
}

/** SQL: the first day of the month after this one. */
export function nextMonth(first: SQL): SQL {
  return sql`((${first} + interval '1 month')::date)`;
}

/** SQL: days on which the site's audience is not known: one of a model is open, or was finalized or deleted since. */
export const OPEN_DAYS = sql`select day from model_days where viewers is null union select day from changed_days`;
