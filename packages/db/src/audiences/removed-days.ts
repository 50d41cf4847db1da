import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";
import { isRetiredWithin, type PeriodDay, type Span } from "./period-days.ts";

/** The days of which retention has removed views that are in a span, for statements about `model_days`. */
export type RemovedDays = {
  /** SQL: is it one of these days? */
  has: (day: SQL) => SQL;
  /** SQL: when the removed part of such a day ends. */
  endOf: (day: SQL) => SQL;
};

/** PostgreSQL looks at no day when there are none. */
const NO_DAYS: RemovedDays = { has: () => sql`false`, endOf: () => sql`null::timestamptz` };

/** @param days the days of the span, in order and without gaps. */
export function removedDays(days: readonly PeriodDay[], span: Span): RemovedDays {
  const removed = days.map((day) => isRetiredWithin(day, span));
  const [first, last] = [removed.indexOf(true), removed.lastIndexOf(true)];
  const [firstDay, lastDay] = [days[first]?.day, days[last]?.day];
  if (firstDay === undefined || lastDay === undefined) return NO_DAYS;
  // An array by the number of the day, which PostgreSQL need not search.
  const ends = sql.param(
    days.slice(first, last + 1).map((day, index) => (removed[first + index] ? day.retired?.end : null)),
  );
  const endOf = (day: SQL) => sql`(${ends}::timestamptz[])[${day} - ${firstDay}::date + 1]`;
  return {
    has: (day) =>
      sql`${day} >= ${firstDay}::date and ${day} <= ${lastDay}::date and ${endOf(day)} is not null`,
    endOf,
  };
}
