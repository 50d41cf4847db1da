import type { Ask } from "../transaction.ts";

/** Any fixed number: the advisory lock of retention and erasure. */
const HOUSEKEEPING_LOCK = 7_234_817_002;

/**
 * Waits, in a transaction, until nobody else removes views: retention and erasure, run by any number of processes,
 * take turns, so that each sees what the other has left and neither locks the other out.
 */
export async function waitForHousekeeping(ask: Ask): Promise<void> {
  await ask("select pg_advisory_xact_lock($1)", [HOUSEKEEPING_LOCK]);
}
