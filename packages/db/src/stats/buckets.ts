import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import type { SQL } from "drizzle-orm";
import type { Span } from "../audiences/period-days.ts";
import { instantOfLocal } from "../postgres/local-time.ts";
import { type Ask, sql } from "../postgres/sql.ts";

export type BucketsQuestion = Period & { interval: Interval; tz: string };

/**
 * The hours, days, weeks or months of a time zone that a period touches, without gaps. The first may begin before the period,
 * and the last ends with it. Reads no table.
 */
export async function bucketsOf(ask: Ask, question: BucketsQuestion): Promise<Span[]> {
  const starts = question.interval === "hour" ? hours(question) : calendar(question, question.interval);
  const { rows } = await ask<{ start: Date }>(sql`select start from (${starts}) s order by 1`);
  return rows.map(({ start }, index) => ({ start, end: rows[index + 1]?.start ?? question.to }));
}

/** SQL: found by looking every 15 minutes, because a change of the clock may be half an hour. */
function hours({ from, to, tz }: BucketsQuestion): SQL {
  const last = lastMoment(to);
  return sql`
    select distinct date_trunc('hour', t, ${tz}) as start
    from generate_series(${from}::timestamptz, ${last}, interval '15 minutes') t
    union select date_trunc('hour', ${last}, ${tz})`;
}

/** SQL: found by the local calendar. */
function calendar({ from, to, tz }: BucketsQuestion, unit: Exclude<Interval, "hour">): SQL {
  return sql`
    select distinct ${instantOfLocal(sql`local`, tz)} as start
    from generate_series(
      date_trunc(${unit}, ${from}::timestamptz at time zone ${tz}),
      ${lastMoment(to)} at time zone ${tz},
      ${`1 ${unit}`}::interval
    ) local`;
}

/** SQL: the last instant before the end. */
function lastMoment(to: Date): SQL {
  return sql`(${to}::timestamptz - interval '1 microsecond')`;
}
