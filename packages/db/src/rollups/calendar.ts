import type { SQL } from "drizzle-orm";
import { daysOfPeriod, type PeriodDay } from "../audiences/period-days.ts";
import { startOfDay } from "../audiences/reporting-days.ts";
import { type Ask, sql } from "../postgres/sql.ts";

/** The days of everything that is stored, as SQL with parameters: by their starts, while recording goes by the local date. */
export type Calendar = {
  days: readonly PeriodDay[];
  dayOf: (instant: SQL) => SQL;
  startOf: (day: SQL) => SQL;
  /** Has retention removed views of the day? */
  isRetired: (day: SQL) => SQL;
};

/** Reads all of model_views and model_days. */
export async function openCalendar(ask: Ask): Promise<Calendar> {
  const { rows } = await ask<{ from: Date | null; to: Date | null }>(sql`
    select least(min(first), ${startOfDay(sql`(select min(day) from model_days)`)}) as "from",
      greatest(max(last) + interval '1 second', ${startOfDay(sql`(select max(day) + 1 from model_days)`)}) as "to"
    from (
      select min(viewed_at) as first, max(viewed_at) as last from model_views
      union all select min(last_viewed_at), max(last_viewed_at) from model_totals
    ) views`);
  const [{ from, to } = { from: null, to: null }] = rows;
  const days = from === null || to === null ? [] : await daysOfPeriod(ask, { from, to });
  const first = sql`${days[0]?.day ?? null}::date`;
  const starts = sql`${sql.param(days.map(({ start }) => start))}::timestamptz[]`;
  const areRetired = sql`${sql.param(days.map(({ retired }) => retired !== undefined))}::bool[]`;
  return {
    days,
    dayOf: (instant) => sql`(${first} + width_bucket(${instant}, ${starts}) - 1)`,
    startOf: (day) => sql`(${starts})[${day} - ${first} + 1]`,
    isRetired: (day) => sql`coalesce((${areRetired})[${day} - ${first} + 1], false)`,
  };
}
