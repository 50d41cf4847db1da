import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

const LOCK_POLL_MS = 50;
/** The longest anyone may hold one: unpacking Debian's packages over a slow line, with some room. */
export const LOCK_WAIT_MS_MAX = 10 * 60_000;

/**
 * Runs `work` while no other process, and nobody else in this one, runs work under the same file.
 *
 * The lock is SQLite's own on an empty database file, so the kernel holds it: a holder killed with -9 has let go of
 * it, and no process id can be mistaken for another's. The file stays, empty; it means nothing by itself.
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
    for (let waited = false; !tryLock(database); waited = true) {
      if (!waited) onWait?.();
      if (performance.now() > deadline) throw new Error(`another process has held ${file} for ${waitMs} ms`);
      await pause(LOCK_POLL_MS);
    }
    return await work();
  } finally {
    database.close();
  }
}

/** The same; but where the lock's folder was deleted there is nobody left to lock out, and the work is done without. */
export function withLockIfThere<T>(file: string, work: () => Promise<T>): Promise<T> {
  return existsSync(dirname(file)) ? withLock(file, work) : work();
}

function openLockFile(file: string): DatabaseSync {
  try {
    // For this user alone: who may read it could lock it as well.
    closeSync(openSync(file, "a", 0o600));
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw new Error(`cannot write ${file}`, { cause: error });
  }
}

const SQLITE_BUSY = 5;

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
