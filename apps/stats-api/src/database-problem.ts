import { type Problem, problem } from "@model-views/shared/problems.ts";

const RETRY_AFTER_SECONDS = 5;

/** SQLSTATE classes (and one code) that say that PostgreSQL is away, busy, or gave up: another try may succeed. */
const PASSING = /^(08|40|53|57|58)|^55P03$/;

/** A `503` when the database is away or too slow, undefined when the error is something else. */
export function asUnavailable(error: unknown): Problem | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isPassing(cause)) {
      return problem("unavailable", 503, "The database is away or too busy; try again", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  }
  return undefined;
}

function isPassing(error: Error): boolean {
  if ("code" in error && typeof error.code === "string") {
    return PASSING.test(error.code) || error.code.startsWith("ECONN") || error.code === "ENOTFOUND";
  }
  // pg's own errors about connections carry no code.
  return /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/.test(
    error.message,
  );
}
