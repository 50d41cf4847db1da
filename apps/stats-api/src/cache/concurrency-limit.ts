import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import PQueue from "p-queue";

const RETRY_AFTER_SECONDS = 5;

/** How a wait ended: the question was asked, refused because its time was over, or its readers had left. */
export type WaitEnd = "asked" | "refused" | "left";

/** Why a question is refused: too many wait already, or it has waited too long. */
export type WaitRefusal = "too_many" | "too_long";

export type ConcurrencyLimitOptions = {
  /** Questions that run at the same time. */
  runningMax: number;
  /** Questions that wait for their turn at the same time. */
  waitingMax: number;
  /** Milliseconds that a question waits. */
  waitMsMax: number;
};

export type ConcurrencyLimitEvents = {
  /** Called for each question that is not refused at once. What it returns is called when the wait is over, even if it took no time. */
  onWait: () => (end: WaitEnd) => void;
  onRefused: (why: WaitRefusal) => void;
};

/** Runs `work` when it is its turn, unless the signal aborts before: then it rejects with the signal's reason at once. */
export type ConcurrencyLimit = <Result>(
  work: () => Promise<Result>,
  unwanted: AbortSignal,
) => Promise<Result>;

/**
 * Limits how many questions run at the same time. Others wait for their turn, first come, first served. While a question
 * waits, it uses no connection.
 *
 * @throws {ProblemError} a `503` when too many wait already, or when the turn does not come in time.
 */
export function createConcurrencyLimit(
  { runningMax, waitingMax, waitMsMax }: ConcurrencyLimitOptions,
  { onWait, onRefused }: ConcurrencyLimitEvents,
): ConcurrencyLimit {
  const queue = new PQueue({ concurrency: runningMax });

  function refusal(why: WaitRefusal): ProblemError {
    onRefused(why);
    const detail =
      why === "too_many" ? "Too many questions wait for an answer" : "The question has waited too long";
    return new ProblemError(problem("unavailable", 503, detail, { retryAfterSeconds: RETRY_AFTER_SECONDS }));
  }

  return async (work, unwanted) => {
    unwanted.throwIfAborted();
    if (queue.size >= waitingMax) throw refusal("too_many");
    const onWaitEnd = onWait();
    // Only for the wait. With a signal that aborts later, the queue would start the next work before this one has ended.
    const wait = new AbortController();
    const endWait = (end: WaitEnd, reason?: unknown) => {
      clearTimeout(timer);
      unwanted.removeEventListener("abort", leave);
      onWaitEnd(end);
      if (end !== "asked") wait.abort(reason);
    };
    const leave = () => endWait("left", unwanted.reason);
    const timer = setTimeout(() => endWait("refused", refusal("too_long")), waitMsMax);
    unwanted.addEventListener("abort", leave, { once: true });
    return queue.add(
      () => {
        endWait("asked");
        return work();
      },
      { signal: wait.signal },
    );
  };
}
