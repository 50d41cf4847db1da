import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

const LOCK_POLL_MS = 50;
/** The longest work, unpacking Debian's packages over a slow connection, takes far less. */
const LOCK_WAIT_MS_MAX = 10 * 60_000;
const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other work runs under the same file, in this process or another.
 *
 * The lock is SQLite's, on an empty database file, so the kernel holds it: it ends with its process, also by kill -9,
 * and no process id can be mistaken for another's. The file stays, empty; it means nothing by itself.
 *
 * Rejects when the lock is not free within `waitMs`, when the file cannot be made, and as `work` does.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { waitMs = LOCK_WAIT_MS_MAX, onWait }: { waitMs?: number; onWait?: () => void } = {},
): Promise<T> {
  const database = openLockFile(file);
  try {
    const deadline = performance.now() + waitMs;
    for (let isFirst = true; !tryLock(database); isFirst = false) {
      if (isFirst) onWait?.();
      if (performance.now() > deadline) throw new Error(`another process has held ${file} for ${waitMs} ms`);
      await pause(LOCK_POLL_MS);
    }
    return await work();
  } finally {
    database.close();
  }
}

function openLockFile(file: string): DatabaseSync {
  try {
    // For this user alone: another one who can read it could lock it as well.
    closeSync(openSync(file, "a", 0o600));
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw new Error(`cannot write ${file}`, { cause: error });
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
