import type { Ask } from "../postgres/transaction.ts";

/** Any fixed numbers: the advisory locks of those who remove views, and of those who count viewers. */
const HOUSEKEEPING_LOCK = 7_234_817_002;
const SEALING_LOCK = 7_234_817_004;

/**
 * Waits, in a transaction, until nobody else removes views: retention and erasure, run by any number of processes,
 * take turns, so that each sees what the other has left and neither locks the other out.
 */
export async function waitForMaintenance(ask: Ask): Promise<void> {
  await ask("select pg_advisory_xact_lock($1)", [HOUSEKEEPING_LOCK]);
}

/**
 * Waits, in a transaction, until nobody else finalizes: a day that is finalized again and the week that holds it take turns. Its own
 * lock, and taken before the other one, because counting a month may take long and an erasure must not wait for it.
 */
export async function waitForFinalizing(ask: Ask): Promise<void> {
  await ask("select pg_advisory_xact_lock($1)", [SEALING_LOCK]);
}
