import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import { PAYLOAD_VERSION, type ViewsPayload } from "@model-views/shared/contracts/views-queue.ts";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";

/** A batch on disk with its place in the order: one batch, or several small ones that are queued together. */
export type SpooledBatch = Batch & { firstSeq: number; lastSeq: number };

/** A batch as it is in the spool's file: its payload as JSON. */
export type WrittenBatch = { jobId: string; text: string };

/** Batches on disk, oldest first, while the queue cannot take them. */
export type Spool = {
  file: string;
  /**
   * Returns when the batch is on the disk.
   *
   * @throws {SpoolFullError} when the spool would exceed its limit; SQLite's error when the disk is full.
   */
  put(batch: Batch): void;
  /** Adds several in order, all or none of them, with a single sync. Throws as `put` does. */
  putAll(batches: readonly WrittenBatch[]): void;
  /** The oldest batch, joined with the following ones as long as their views fit into one job. */
  oldest(): SpooledBatch | undefined;
  /**
   * Removes what the queue has, and everything before it. `oldest` does not return it again, even if the disk is too full
   * to remove it or refuses writes. Then the whole file is deleted once nothing waits in it.
   */
  remove(batch: Pick<SpooledBatch, "lastSeq">): void;
  /** What waits, and why drained batches could not be removed from the file, if so. */
  state(): { batches: number; bytes: number; unremovedBecause?: string };
  /**
   * Checks whether the disk accepts a batch, without leaving one.
   *
   * @throws SQLite's error when it does not.
   */
  tryDisk(): void;
  /**
   * Closes the file. An empty one is removed, which needs no space on the disk.
   *
   * @throws when it cannot be removed. Then another process drains it once more.
   */
  close(): void;
};

/** The spool has reached its limit. */
export class SpoolFullError extends Error {
  override name = "SpoolFullError";
}

/** Another running process uses this spool's file. */
export class SpoolInUseError extends Error {
  override name = "SpoolInUseError";
}

const SQLITE_BUSY = 5;

/** For this user only. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** Bytes that {@link Spool.tryDisk} writes: a medium-sized batch. */
const TRIED_BYTES = 32_768;

/**
 * Opens a spool, and creates its file if necessary. The file belongs to one process: SQLite's exclusive lock is the
 * kernel's, so it is released the moment the process ends, by any signal.
 *
 * `synchronous = FULL` with a write-ahead log: each `put` is on the disk before it returns
 * (https://www.sqlite.org/pragma.html#pragma_synchronous).
 *
 * Only this user may read it, because it contains viewers.
 *
 * @param bytesMax current limit for the waiting payloads, in bytes.
 * @throws {SpoolInUseError}
 */
export function openSpool(file: string, { bytesMax }: { bytesMax: () => number }): Spool {
  const database = openPrivate(file);
  const insert = database.prepare("insert into batches (job_id, payload) values (?, ?)");
  const select = database.prepare("select seq, job_id, payload from batches where seq > ? order by seq");
  const removeTo = database.prepare("delete from batches where seq <= ?");
  const measure = database.prepare(
    "select count(*) as batches, coalesce(sum(octet_length(payload)), 0) as bytes from batches where seq > ? and seq <= ?",
  );
  /** The queue has everything up to here, although the file may still contain it. */
  let doneSeq = 0;
  let unremovedBecause: string | undefined;
  let { batches, bytes } = measured(0, Number.MAX_SAFE_INTEGER);

  function measured(afterSeq: number, toSeq: number): { batches: number; bytes: number } {
    const row = measure.get(afterSeq, toSeq);
    return { batches: Number(row?.["batches"]), bytes: Number(row?.["bytes"]) };
  }

  function insertAll(written: readonly WrittenBatch[]): void {
    const size = written.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    const max = bytesMax();
    if (bytes + size > max) throw new SpoolFullError(`the spool holds ${bytes} of ${max} bytes`);
    const [only] = written;
    if (written.length === 1 && only !== undefined) insert.run(only.jobId, only.text);
    else {
      inTransaction(database, () => {
        for (const { jobId, text } of written) insert.run(jobId, text);
      });
    }
    batches += written.length;
    bytes += size;
  }

  return {
    file,
    put({ jobId, payload }) {
      insertAll([{ jobId, text: JSON.stringify(payload) }]);
    },
    putAll: insertAll,
    oldest() {
      let oldest: SpooledBatch | undefined;
      for (const row of select.iterate(doneSeq)) {
        // Not validated here: another version may have written it, and the worker keeps what it does not know.
        const payload: ViewsPayload = JSON.parse(String(row["payload"]));
        const seq = Number(row["seq"]);
        if (oldest === undefined) {
          oldest = { firstSeq: seq, lastSeq: seq, jobId: String(row["job_id"]), payload };
        } else if (fitTogether(oldest.payload, payload)) {
          // Under a new id, because a batch that timed out on its way to the queue may be there alone, under its first
          // id.
          const views = [...oldest.payload.views, ...payload.views];
          oldest = { ...oldest, lastSeq: seq, jobId: randomUUID(), payload: { ...payload, views } };
        } else break;
      }
      return oldest;
    },
    remove({ lastSeq }) {
      const gone = measured(doneSeq, lastSeq);
      doneSeq = lastSeq;
      batches -= gone.batches;
      bytes -= gone.bytes;
      try {
        removeTo.run(lastSeq);
        unremovedBecause = undefined;
      } catch (error) {
        unremovedBecause = error instanceof Error ? error.message : String(error);
      }
    },
    state: () => ({ batches, bytes, ...(unremovedBecause === undefined ? {} : { unremovedBecause }) }),
    tryDisk() {
      // Two transactions, because a row that is inserted and deleted in one needs no space. A separate table, because a
      // process that is killed in between would leave the row among the batches.
      database.exec("create table if not exists tried (text text)");
      database.prepare("insert into tried values (?)").run("x".repeat(TRIED_BYTES));
      database.exec("delete from tried");
    },
    close() {
      try {
        // Read from the file itself, and removed while it is still locked, so that no process adopts it in between.
        if (select.get(doneSeq) === undefined) removeFiles(file);
      } finally {
        database.close();
      }
    },
  };
}

/** Opens the file, and creates it if necessary. A new file that cannot become a spool is removed again. */
function openPrivate(file: string): DatabaseSync {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  makePrivate(folder, FOLDER_MODE);
  const isNew = !existsSync(file);
  // SQLite's files beside it get the same mode.
  closeSync(openSync(file, "a", FILE_MODE));
  makePrivate(file, FILE_MODE);
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    prepare(database, { isEmpty: statSync(file).size === 0 });
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new SpoolInUseError(`${file} belongs to another process`);
    if (isNew) removeFiles(file);
    throw error;
  }
}

/** Closes files that an earlier version or an unpacked backup left open to others. Another user's stay as they are. */
function makePrivate(path: string, mode: number): void {
  if ((statSync(path).mode & OTHERS) === 0) return;
  try {
    chmodSync(path, mode);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) throw error;
  }
}

function removeFiles(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("begin immediate");
  try {
    work();
    database.exec("commit");
  } catch (error) {
    // SQLite may have rolled back already, for example when the disk is full.
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

/** Whether both are of a known version, and one job may contain the views of both. */
function fitTogether(one: ViewsPayload, other: ViewsPayload): boolean {
  return (
    [one, other].every(({ v, views }) => v === PAYLOAD_VERSION && Array.isArray(views)) &&
    one.views.length + other.views.length <= BATCH_VIEWS_MAX
  );
}

/**
 * Takes the lock, which lasts as long as the database is open, and creates the table. Writes nothing if the table exists,
 * because the disk may be full.
 */
function prepare(database: DatabaseSync, { isEmpty }: { isEmpty: boolean }): void {
  database.exec("pragma locking_mode = exclusive");
  if (isEmpty) database.exec("pragma auto_vacuum = full");
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  database.exec("begin exclusive");
  database.exec(
    "create table if not exists batches (seq integer primary key autoincrement, job_id text not null, payload text not null)",
  );
  database.exec("commit");
}
