import {
  compareSchema,
  dayOrInstantSchema,
  type Period,
  timeZoneSchema,
} from "@model-views/shared/contracts/period.ts";
import { BUCKETS_MAX, type Interval } from "@model-views/shared/contracts/timeseries.ts";
import { invalidParameter } from "./problems.ts";

/** Days of a period whose `from` is not given. */
export const DAYS_BEFORE = 30;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The longest period: a question that reads the views must end within its time limit. */
const PERIOD_DAYS_MAX = 3_660;

/** Later years have five digits, which ISO 8601 dates do not have. */
const LAST = new Date("9999-12-31T00:00:00Z");

/** Approximate length of a bucket. */
const BUCKET_MS: Record<Interval, number> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

/** The parameters `from`, `to` and `tz` of every question about a period. */
export const periodShape = {
  from: dayOrInstantSchema
    .optional()
    .describe("Start of the period, included: a day (its start in `tz`) or an instant"),
  to: dayOrInstantSchema
    .optional()
    .describe("End of the period, not included: a day (its start in `tz`) or an instant"),
  tz: timeZoneSchema
    .default("UTC")
    .describe("Time zone of days and buckets: `UTC`, or an IANA name with a place, like `Europe/Berlin`"),
};

/** The parameter of questions that can be compared with an earlier period. */
export const compareShape = { compare: compareSchema.optional() };

/** Whether a question has a period. With neither end it is about all time, which the rollups answer. */
export function hasPeriod({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean {
  return from !== undefined || to !== undefined;
}

/** @throws {ProblemError} a `422` when the period ends before it begins, or is longer than ten years. */
export function checkPeriod({ from, to }: Period): void {
  if (from >= to) throw invalidParameter("from", "must be before to");
  if (to > LAST) throw invalidParameter("to", "must be in the year 9999 at the latest");
  if (to.getTime() - from.getTime() > PERIOD_DAYS_MAX * DAY_MS) {
    throw invalidParameter("from", `must be at most ${PERIOD_DAYS_MAX} days before to`);
  }
}

/** @throws {ProblemError} a `422` when the interval cuts the period into too many buckets. */
export function checkBuckets({ from, to }: Period, interval: Interval): void {
  if ((to.getTime() - from.getTime()) / BUCKET_MS[interval] > BUCKETS_MAX) {
    throw invalidParameter("interval", `makes more than ${BUCKETS_MAX} buckets of this period`);
  }
}

/** The fields `from` and `to` of an answer: the instants that the question's period was resolved to. */
export function resolvedPeriod({ from, to }: Period): { from: string; to: string } {
  return { from: from.toISOString(), to: to.toISOString() };
}
