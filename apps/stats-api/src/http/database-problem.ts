import { failureOf } from "@model-views/db/postgres/failure.ts";
import { type Problem, problem } from "@model-views/shared/contracts/problems.ts";

const RETRY_AFTER_SECONDS = 5;

/** A `503` when the database is away or too slow, undefined when the error is something else. */
export function asUnavailable(error: unknown): Problem | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (failureOf(cause).kind === "world") {
      return problem("unavailable", 503, "The database is away or too busy; try again", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  }
  return undefined;
}
