import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";

const RETRY_AFTER_SECONDS = 5;

/** Does some work, unless too much of its kind is being done. */
export type ConcurrencyLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Questions that read the views, so many at a time: they must leave connections for what the rollups answer at once.
 *
 * @throws {ProblemError} a `503` when as many are being answered.
 */
export function createConcurrencyLimit(questionsMax: number): ConcurrencyLimit {
  let asking = 0;
  return async (work) => {
    if (asking >= questionsMax) {
      throw new ProblemError(
        problem("unavailable", 503, "Too many questions that read the views are being answered", {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        }),
      );
    }
    asking += 1;
    try {
      return await work();
    } finally {
      asking -= 1;
    }
  };
}
