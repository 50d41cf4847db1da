import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import type { Ask } from "../postgres/transaction.ts";
import { instantOfLocal } from "./resolve-period.ts";

/**
 * The starts of all buckets, also of empty ones; a bucket ends where the next one begins. Hours are found by looking every
 * 15 minutes, because a change of the clock may be half an hour; the others by the local calendar.
 */
const STARTS = {
  hour: `select distinct date_trunc('hour', t, $3) as start
    from generate_series($1::timestamptz, $2::timestamptz - interval '1 microsecond', interval '15 minutes') t
    union select date_trunc('hour', $2::timestamptz - interval '1 microsecond', $3)`,
  day: calendar("day"),
  week: calendar("week"),
  month: calendar("month"),
} as const satisfies Record<Interval, string>;

function calendar(unit: string): string {
  return `select distinct ${instantOfLocal("local", "$3")} as start
    from generate_series(
      date_trunc('${unit}', $1::timestamptz at time zone $3),
      ($2::timestamptz - interval '1 microsecond') at time zone $3,
      interval '1 ${unit}'
    ) local`;
}

/** A part of a period: from `start`, which may be before the period, until just before `end`, which is not after it. */
export type Span = { start: Date; end: Date };

/** The hours, days, weeks or months of a time zone that a period touches, without gaps. Asks no table. */
export async function bucketsOf(
  ask: Ask,
  { from, to, interval, tz }: Period & { interval: Interval; tz: string },
): Promise<Span[]> {
  const { rows } = await ask<{ start: Date }>(`select start from (${STARTS[interval]}) s order by 1`, [
    from,
    to,
    tz,
  ]);
  return rows.map(({ start }, index) => ({ start, end: rows[index + 1]?.start ?? to }));
}
