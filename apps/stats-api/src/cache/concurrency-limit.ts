import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import PQueue from "p-queue";

const RETRY_AFTER_SECONDS = 5;

/** Runs `work`, unless too much work of its kind is running. */
export type ConcurrencyLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Limits how many questions read the views at the same time, so that connections remain for the questions that the rollups
 * answer at once. No question waits: the answer has a `Retry-After`.
 *
 * @throws {ProblemError} a `503` while `questionsMax` questions are being answered.
 */
export function createConcurrencyLimit(questionsMax: number): ConcurrencyLimit {
  const queue = new PQueue({ concurrency: questionsMax });
  return async (work) => {
    if (queue.pending >= questionsMax) {
      throw new ProblemError(
        problem("unavailable", 503, "Too many questions that read the views are being answered", {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        }),
      );
    }
    return queue.add(work);
  };
}
