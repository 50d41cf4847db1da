import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { type Ask, inTransaction } from "./transaction.ts";

/** How long, and how often, to wait for a lock that everybody else has to wait behind. */
export type Patience = {
  /** Milliseconds of each wait. Recording stands still meanwhile. */
  lockTimeoutMs: number;
  tries: number;
  /** Milliseconds between two tries, in which the others go on. */
  pauseMs: number;
};

/** Longer than PostgreSQL takes to send an autovacuum away that is in the way (1 s). */
const PATIENCE: Patience = { lockTimeoutMs: 2_000, tries: 5, pauseMs: 1_000 };

/** Does this error say that a lock did not come in time, or that two waited for each other? */
export function isNotLocked(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "55P03" || error.code === "40P01");
}

/**
 * Runs `work` in a transaction that needs tables for itself. Whoever waits for such a lock makes everybody who comes
 * later wait as well, so it gives up soon and tries again.
 *
 * @throws what the last try threw: {@link isNotLocked} tells whether another time may be better.
 */
export async function withBriefLocks<Result>(
  pool: Pool,
  {
    statementTimeoutMs,
    patience = PATIENCE,
  }: { statementTimeoutMs: number; patience?: Patience | undefined },
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await inTransaction(pool, { statementTimeoutMs, lockTimeoutMs: patience.lockTimeoutMs }, work);
    } catch (error) {
      if (!isNotLocked(error) || tried >= patience.tries) throw error;
      await sleep(patience.pauseMs);
    }
  }
}
