import type { Db } from "@model-views/db/postgres/connect.ts";

/** PostgreSQL may be away just then. */
const LOCK_TIMEOUT_MS = 1_000;

/**
 * Lets every statement that records views wait for a lock while `work` runs, so that the workers surely have batches
 * in hand. Where PostgreSQL does not give the lock, `work` runs without it.
 */
export async function holdRecording<Result>(db: Db, work: () => Promise<Result>): Promise<Result> {
  const client = await db.$client.connect().catch(() => undefined);
  // The server may end meanwhile, and the lock with it.
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
