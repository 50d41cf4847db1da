import { existsSync } from "node:fs";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { openSpool, type Spool, SpoolFullError, SpoolInUseError, type WrittenBatch } from "./spool.ts";

/** This process's spool. It may be missing: a full or broken disk must not keep ingest from using the queue. */
export type OwnSpool = {
  put(batch: Batch): void;
  putAll(batches: readonly WrittenBatch[]): void;
  /** Repairs what can be repaired: opens a missing spool, and checks whether a disk that refused accepts writes again. */
  repair(): void;
  /** Why views cannot be spooled at the moment. Undefined when they can be, as far as is known. */
  unusableBecause(): string | undefined;
  /** The spool, to drain it. Undefined when there is none. */
  current(): Spool | undefined;
  /** Former spools of this process, whose files were removed. They are drained like those of other processes. */
  takeFormer(): Spool[];
  close(): void;
};

export type OwnSpoolOptions = {
  /** Returns the name of a new file. Called for the first spool, and again after each that was opened. */
  newFile: () => string;
  /** Bytes that it may contain at the moment. */
  bytesMax: () => number;
  /** Called with the reason when views can no longer be spooled, and without one when they can be again. */
  onUsable: (unusableBecause: string | undefined) => void;
};

/** Opens the spool if possible. Never throws. */
export function openOwnSpool({ newFile, bytesMax, onUsable }: OwnSpoolOptions): OwnSpool {
  let spool: Spool | undefined;
  /** The file of the next spool, until it is open. */
  let file: string | undefined;
  let former: Spool[] = [];
  let because: string | undefined;
  open();

  function open(): void {
    file ??= newFile();
    try {
      spool = openSpool(file, { bytesMax });
      file = undefined;
      setBecause(undefined);
    } catch (error) {
      // Another process took the half-made file of a failed attempt for an orphan, and adopted it.
      if (error instanceof SpoolInUseError) file = undefined;
      setBecause(reasonOf(error));
    }
  }

  function setBecause(reason: string | undefined): void {
    if ((reason === undefined) !== (because === undefined)) onUsable(reason);
    because = reason;
  }

  function write(work: (spool: Spool) => void): void {
    if (spool === undefined) open();
    if (spool === undefined) throw new Error(`there is no spool: ${because}`);
    try {
      work(spool);
      setBecause(undefined);
    } catch (error) {
      if (!(error instanceof SpoolFullError)) setBecause(reasonOf(error));
      throw error;
    }
  }

  /** Replaces a spool whose drained batches could not be removed from its file: the file is deleted as a whole. */
  function renewSpent(): void {
    if (spool === undefined) return;
    const { batches, unremovedBecause } = spool.state();
    if (unremovedBecause === undefined || batches > 0) return;
    const spent = spool;
    // Even if the file cannot be removed: then the next process drains it once more.
    spool = undefined;
    spent.close();
  }

  /** A removed file disappears with this process: what waits in it is drained, and nothing is added. */
  function leaveRemoved(): void {
    if (spool === undefined || existsSync(spool.file)) return;
    former.push(spool);
    spool = undefined;
  }

  return {
    put: (batch) => write((each) => each.put(batch)),
    putAll: (batches) => write((each) => each.putAll(batches)),
    repair() {
      renewSpent();
      leaveRemoved();
      if (spool === undefined) open();
      else if (because !== undefined) {
        try {
          spool.tryDisk();
          setBecause(undefined);
        } catch (error) {
          setBecause(reasonOf(error));
        }
      }
    },
    unusableBecause: () => because,
    current: () => spool,
    takeFormer() {
      const taken = former;
      former = [];
      return taken;
    },
    close: () => spool?.close(),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
