import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import { PAYLOAD_VERSION, type ViewsPayload } from "@model-views/shared/contracts/views-queue.ts";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";

/** What waits on disk, and its place in the order: one batch, or several small ones that go on together. */
export type SpooledBatch = Batch & { firstSeq: number; lastSeq: number };

/** A batch as the spool's file has it: its payload as JSON. */
export type WrittenBatch = { jobId: string; text: string };

/** Batches on disk, oldest first, for as long as the queue cannot take them. */
export type Spool = {
  file: string;
  /**
   * Resolves nothing and returns when the batch is on the disk.
   *
   * @throws {SpoolFullError} when it would be larger than it may; SQLite's error when the disk is full.
   */
  put(batch: Batch): void;
  /** Several at once, in order and all or none of them, for the price of one on the disk. Throws as `put` does. */
  putAll(batches: readonly WrittenBatch[]): void;
  /** The oldest batch, with those behind it for as long as there is room for their views in one job. */
  oldest(): SpooledBatch | undefined;
  /**
   * Removes what the queue has, and all before it: it is not given again, also when the disk is too full to remove it, or does
   * not take writes any more. Then the file goes as a whole once nothing waits in it.
   */
  remove(batch: Pick<SpooledBatch, "lastSeq">): void;
  /** What waits, and why what the queue has could not be removed from the file, where that is so. */
  state(): { batches: number; bytes: number; unremovedBecause?: string };
  /**
   * Sees whether the disk takes a batch, without leaving one.
   *
   * @throws SQLite's error when it does not.
   */
  tryDisk(): void;
  /**
   * Closes the file; one in which nothing waits is removed, which needs no room on the disk.
   *
   * @throws when it cannot be removed: then it is drained once more by another process.
   */
  close(): void;
};

/** The spool holds as much as it may. */
export class SpoolFullError extends Error {
  override name = "SpoolFullError";
}

/** Another live process has this spool's file. */
export class SpoolInUseError extends Error {
  override name = "SpoolInUseError";
}

const SQLITE_BUSY = 5;

/** Only for this user. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** Bytes that {@link Spool.tryDisk} tries: of a batch of middling size. */
const TRIED_BYTES = 32_768;

/**
 * Opens a spool, making its file where there is none. The file belongs to one process: SQLite's exclusive lock is
 * the kernel's, so it is free again the moment its holder dies, by whatever signal.
 *
 * `synchronous = FULL` with a write-ahead log: each `put` is on the disk before it returns
 * (https://www.sqlite.org/pragma.html#pragma_synchronous).
 *
 * Only this user may read it: there are viewers in it.
 *
 * @param bytesMax bytes of the payloads that wait, at the moment.
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
  /** The queue has all up to here, though the file may still have it. */
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
        // Not judged here: another version may have written it, and the worker keeps what it does not know.
        const payload: ViewsPayload = JSON.parse(String(row["payload"]));
        const seq = Number(row["seq"]);
        if (oldest === undefined) {
          oldest = { firstSeq: seq, lastSeq: seq, jobId: String(row["job_id"]), payload };
        } else if (fitTogether(oldest.payload, payload)) {
          // Under an id of its own: a batch that timed out on its way to the queue may be there under its id, alone.
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
      // Each on its own, because what is removed again in the same transaction needs no room. Not among the batches, where a
      // process that is killed in between would leave it.
      database.exec("create table if not exists tried (text text)");
      database.prepare("insert into tried values (?)").run("x".repeat(TRIED_BYTES));
      database.exec("delete from tried");
    },
    close() {
      try {
        // Asked of the file itself, and removed while it is still locked, so that nobody adopts it in between.
        if (select.get(doneSeq) === undefined) removeFiles(file);
      } finally {
        database.close();
      }
    },
  };
}

/** Makes the file where there is none. What cannot be made a spool of leaves no file behind. */
function openPrivate(file: string): DatabaseSync {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  makePrivate(folder, FOLDER_MODE);
  const isNew = !existsSync(file);
  // What SQLite makes beside it has the same mode.
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

/** What an earlier version, or an unpacked backup, has left open to others. What belongs to another user stays as it is. */
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
    // SQLite may have rolled back by itself, as it does when the disk is full.
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

/** Both of the version that is known here, and no more views than one job may have. */
function fitTogether(one: ViewsPayload, other: ViewsPayload): boolean {
  return (
    [one, other].every(({ v, views }) => v === PAYLOAD_VERSION && Array.isArray(views)) &&
    one.views.length + other.views.length <= BATCH_VIEWS_MAX
  );
}

/**
 * Takes the lock, which lasts as long as the database is open, and makes the tables. Where they are there already it writes
 * nothing: the disk may be full.
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
