import { type Ask, sql } from "./sql.ts";

/** The number of each advisory lock. Never changed: processes of an older version may hold them at the same time. */
const LOCKS = {
  /** Migrations, one after the other. */
  migrate: 7_234_817_001,
  /** Removing views: retention and erasures wait for each other, so that each works on what the other has left. */
  maintenance: 7_234_817_002,
  /** Grants: PostgreSQL refuses two that change the same rights at once. */
  grants: 7_234_817_003,
  /**
   * Finalizing: a day that is finalized again and its week wait for each other. Taken before `maintenance`, and apart
   * from it, because counting a month may take long and an erasure must not wait for that.
   */
  finalize: 7_234_817_004,
} as const;

/** Waits for the lock, in a transaction, and keeps it until the transaction ends. */
export async function waitForLock(ask: Ask, name: keyof typeof LOCKS): Promise<void> {
  await ask(sql`select pg_advisory_xact_lock(${LOCKS[name]})`);
}
