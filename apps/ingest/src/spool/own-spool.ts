import { existsSync } from "node:fs";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { openSpool, type Spool, SpoolFullError, SpoolInUseError, type WrittenBatch } from "./spool.ts";

/** This process's spool, which may not be there: a disk that is full or broken must not keep ingest from its queue. */
export type OwnSpool = {
  put(batch: Batch): void;
  putAll(batches: readonly WrittenBatch[]): void;
  /** Mends what can be mended: opens a spool where there is none, and sees whether a disk that refused takes something again. */
  mend(): void;
  /** Why views cannot be spooled at the moment; undefined when they can be, as far as is known. */
  unusableBecause(): string | undefined;
  /** To drain it; undefined when there is none. */
  current(): Spool | undefined;
  /** Spools that were this one and are not any more, to be drained like those of others: their files were taken away. */
  takeFormer(): Spool[];
  close(): void;
};

export type OwnSpoolOptions = {
  /** Names a new file each time; asked for the first, and for another when the last one was opened. */
  newFile: () => string;
  /** Bytes that it may hold at the moment. */
  bytesMax: () => number;
  /** Told when views cannot be spooled any more, with the reason, and when they can be again. */
  onUsable: (unusableBecause: string | undefined) => void;
};

/** Opens it where that is possible, and never throws. */
export function openOwnSpool({ newFile, bytesMax, onUsable }: OwnSpoolOptions): OwnSpool {
  let spool: Spool | undefined;
  /** Of the next spool, until it is open. */
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
      // Another process has taken the half-made file of a try before for one that was left.
      if (error instanceof SpoolInUseError) file = undefined;
      setBecause(inWords(error));
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
      if (!(error instanceof SpoolFullError)) setBecause(inWords(error));
      throw error;
    }
  }

  /** What is drained and could not be removed from the file goes with the file, and a new one is made. */
  function renewSpent(): void {
    if (spool === undefined) return;
    const { batches, unremovedBecause } = spool.state();
    if (unremovedBecause === undefined || batches > 0) return;
    const spent = spool;
    // Also when its file cannot be removed: then it is drained once more, by the next process.
    spool = undefined;
    spent.close();
  }

  /** A file that somebody has removed is gone with this process: what waits in it is drained, and nothing more put there. */
  function leaveRemoved(): void {
    if (spool === undefined || existsSync(spool.file)) return;
    former.push(spool);
    spool = undefined;
  }

  return {
    put: (batch) => write((each) => each.put(batch)),
    putAll: (batches) => write((each) => each.putAll(batches)),
    mend() {
      renewSpent();
      leaveRemoved();
      if (spool === undefined) open();
      else if (because !== undefined) {
        try {
          spool.tryDisk();
          setBecause(undefined);
        } catch (error) {
          setBecause(inWords(error));
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

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
