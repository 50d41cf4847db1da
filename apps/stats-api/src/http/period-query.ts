import { dayOrInstantSchema, type Period, timeZoneSchema } from "@model-views/shared/contracts/period.ts";
import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";

/** Days before `to` that a question without `from` begins. */
export const DAYS_BEFORE = 30;

/** Days of one question: what is asked of the views themselves must end some time. */
const PERIOD_DAYS_MAX = 3_660;
const DAY_MS = 86_400_000;

/** The parameters `from`, `to` and `tz` of every question about a period. */
export const periodShape = {
  from: dayOrInstantSchema
    .optional()
    .describe("Where the period begins: a day (its start in `tz`) or an instant. It counts"),
  to: dayOrInstantSchema
    .optional()
    .describe("Where the period ends: a day (its start in `tz`) or an instant. It does not count"),
  tz: timeZoneSchema
    .default("UTC")
    .describe("Time zone of days and buckets: `UTC`, or an IANA name with a place, like `Europe/Berlin`"),
};

/** Later years have five digits, which are no ISO date. */
const LAST = new Date("9999-12-31T00:00:00Z");

/** @throws {ProblemError} a `422` when the period ends before it begins, or is longer than ten years. */
export function checkPeriod({ from, to }: Period): void {
  if (from >= to) throw wrong("from", "must be before to");
  if (to > LAST) throw wrong("to", "must be in the year 9999 at the latest");
  if (to.getTime() - from.getTime() > PERIOD_DAYS_MAX * DAY_MS) {
    throw wrong("from", `must be at most ${PERIOD_DAYS_MAX} days before to`);
  }
}

/** A `422` that names one parameter. */
export function wrong(path: string, message: string): ProblemError {
  return new ProblemError(
    problem("invalid-request", 422, `Not valid: ${path}`, { errors: [{ path, message }] }),
  );
}
