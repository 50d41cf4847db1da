import type { Db } from "@model-views/db/postgres/connect.ts";

/** PostgreSQL may be away just then. */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * Makes every statement that records views wait for a lock while `work` runs: this way the workers are in the middle of their
 * batches. Where PostgreSQL does not grant the lock, `work` runs without it.
 */
export async function blockRecording<Result>(db: Db, work: () => Promise<Result>): Promise<Result> {
  const client = await db.$client.connect().catch(() => undefined);
  // The server may end meanwhile, which also releases the lock.
  client?.on("error", () => {});
  try {
    await client?.query(`begin; set local lock_timeout = ${LOCK_TIMEOUT_MS}`).catch(() => {});
    await client?.query("lock table model_days in exclusive mode").catch(() => {});
    return await work();
  } finally {
    await client?.query("rollback").catch(() => {});
    client?.release(true);
  }
}

/** Ends every connection of a worker to PostgreSQL, and the statement that runs on it; also those of maintenance. */
export async function endWorkersConnections(client: {
  query: (text: string) => Promise<unknown>;
}): Promise<void> {
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'model-views worker%'",
  );
}
