import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Batch } from "@model-views/shared/enqueue.ts";
import { PAYLOAD_VERSION, type ViewsPayload } from "@model-views/shared/queue.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/views.ts";

/** What waits on disk, and its place in the order: one batch, or several small ones that go on together. */
export type SpooledBatch = Batch & { firstSeq: number; lastSeq: number };

/** Batches on disk, oldest first, for as long as the queue cannot take them. */
export type Spool = {
  file: string;
  /**
   * Resolves nothing and returns when the batch is on the disk.
   *
   * @throws {SpoolFullError} when it would be larger than it may; SQLite's error when the disk is full.
   */
  put(batch: Batch): void;
  /** The oldest batch, with those behind it for as long as there is room for their views in one job. */
  oldest(): SpooledBatch | undefined;
  /** Removes what the queue has. */
  remove(batch: Pick<SpooledBatch, "firstSeq" | "lastSeq">): void;
  state(): { batches: number; bytes: number };
  /** Lets go of the file; one that is empty is removed. */
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

/**
 * Opens a spool, making its file where there is none. The file belongs to one process: SQLite's exclusive lock is
 * the kernel's, so it is free again the moment its holder dies, by whatever signal.
 *
 * `synchronous = FULL` with a write-ahead log: each `put` is on the disk before it returns
 * (https://www.sqlite.org/pragma.html#pragma_synchronous).
 *
 * @param bytesMax bytes of all payloads together.
 * @throws {SpoolInUseError}
 */
export function openSpool(file: string, { bytesMax }: { bytesMax: number }): Spool {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    prepare(database);
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
      throw new SpoolInUseError(`${file} belongs to another process`);
    }
    throw error;
  }
  const insert = database.prepare("insert into batches (job_id, payload) values (?, ?)");
  const select = database.prepare("select seq, job_id, payload from batches order by seq");
  const remove = database.prepare(
    "delete from batches where seq between ? and ? returning octet_length(payload) as bytes",
  );
  let { batches, bytes } = measure(database);

  return {
    file,
    put({ jobId, payload }) {
      const text = JSON.stringify(payload);
      const size = Buffer.byteLength(text);
      if (bytes + size > bytesMax) throw new SpoolFullError(`the spool holds ${bytes} of ${bytesMax} bytes`);
      insert.run(jobId, text);
      batches += 1;
      bytes += size;
    },
    oldest() {
      let oldest: SpooledBatch | undefined;
      for (const row of select.iterate()) {
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
    remove({ firstSeq, lastSeq }) {
      // Not get(): it stops at the first row, and a disk too full to commit the deletion would go unnoticed.
      for (const row of remove.all(firstSeq, lastSeq)) {
        batches -= 1;
        bytes -= Number(row["bytes"]);
      }
    },
    state: () => ({ batches, bytes }),
    close() {
      // Asked of the file itself, and removed while it is still locked, so that nobody adopts it in between.
      const isEmpty = select.get() === undefined;
      if (isEmpty) rmSync(file, { force: true });
      database.close();
      if (isEmpty) for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
    },
  };
}

/** Both of the version that is known here, and no more views than one job may have. */
function fitTogether(one: ViewsPayload, other: ViewsPayload): boolean {
  return (
    [one, other].every(({ v, views }) => v === PAYLOAD_VERSION && Array.isArray(views)) &&
    one.views.length + other.views.length <= BATCH_VIEWS_MAX
  );
}

/** Takes the lock, which lasts as long as the database is open, and makes the table. */
function prepare(database: DatabaseSync): void {
  database.exec("pragma locking_mode = exclusive");
  database.exec("pragma auto_vacuum = full");
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  database.exec("begin exclusive");
  database.exec(
    "create table if not exists batches (seq integer primary key autoincrement, job_id text not null, payload text not null)",
  );
  database.exec("commit");
}

function measure(database: DatabaseSync): { batches: number; bytes: number } {
  const row = database
    .prepare("select count(*) as batches, coalesce(sum(octet_length(payload)), 0) as bytes from batches")
    .get();
  return { batches: Number(row?.["batches"]), bytes: Number(row?.["bytes"]) };
}
