import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Ask } from "./sql.ts";
import { inTransaction } from "./transaction.ts";

/** How long, and how often, to wait for a lock. Every later request for the table waits behind it. */
export type Patience = {
  /** Milliseconds of each wait. Recording waits meanwhile. */
  lockTimeoutMs: number;
  tries: number;
  /** Milliseconds between two tries, in which recording goes on. */
  pauseMs: number;
};

/** Longer than PostgreSQL takes to cancel an autovacuum that holds the lock (1 s). */
const PATIENCE: Patience = { lockTimeoutMs: 2_000, tries: 5, pauseMs: 1_000 };

/** Did a lock not come in time, or did two transactions wait for each other? */
export function isNotLocked(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "55P03" || error.code === "40P01");
}

/**
 * Runs `work` in a transaction that locks whole tables. While it waits for such a lock, every later statement on the table
 * waits behind it, so it gives up soon and tries again.
 *
 * @throws what the last try threw; with {@link isNotLocked} a later call may succeed.
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
