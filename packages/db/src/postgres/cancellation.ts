import { setTimeout as pause } from "node:timers/promises";
import type { PoolClient } from "pg";
import { sendCancelRequest } from "./cancel-request.ts";
import { failureOf } from "./failure.ts";

/** Milliseconds between two requests: PostgreSQL ignores one that comes before it has read the statement. */
const AGAIN_MS = 100;

/** SQLSTATEs of a statement that was cancelled, and of one that came after it in the same transaction. */
const CANCELLED = new Set(["57014", "25P02"]);

/** Runs the statements of one question on a connection, for as long as its answer is wanted. */
export type Cancellation = {
  /**
   * Runs a statement, and cancels it in PostgreSQL when the signal aborts. Settles when no request to cancel is under
   * way any more, so that none of them hits the next statement of the connection.
   *
   * @throws the signal's reason when it aborts, before or during the statement; otherwise what the statement threw.
   */
  run<Result>(statement: () => Promise<Result>): Promise<Result>;
  /** Resolves when none of the statements runs. */
  settled(): Promise<void>;
  /** Whether a request to cancel may arrive later still: then the connection has to be closed. */
  mayComeLater(): boolean;
};

/** @param signal undefined: the statements are never cancelled. */
export function createCancellation(client: PoolClient, signal: AbortSignal | undefined): Cancellation {
  const running = new Set<Promise<unknown>>();
  let isUncertain = false;

  async function cancelUntil(over: Promise<unknown>): Promise<void> {
    let isOver = false;
    const end = over.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    while (!isOver) {
      await sendCancelRequest(client).catch(() => {
        isUncertain = true;
      });
      await Promise.race([end, pause(AGAIN_MS, undefined, { ref: false })]);
    }
  }

  async function runCancellable<Result>(
    statement: () => Promise<Result>,
    until: AbortSignal,
  ): Promise<Result> {
    until.throwIfAborted();
    const result = statement();
    let cancelling: Promise<void> | undefined;
    const cancel = () => {
      cancelling = cancelUntil(result);
    };
    until.addEventListener("abort", cancel, { once: true });
    try {
      await result;
      until.throwIfAborted();
      return await result;
    } catch (error) {
      throw until.aborted && CANCELLED.has(failureOf(error).sqlstate ?? "") ? until.reason : error;
    } finally {
      until.removeEventListener("abort", cancel);
      await cancelling;
    }
  }

  return {
    async run(statement) {
      if (signal === undefined) return statement();
      const result = runCancellable(statement, signal);
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },
    async settled() {
      await Promise.allSettled(running);
    },
    mayComeLater: () => isUncertain,
  };
}
