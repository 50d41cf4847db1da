/** Gathers items and writes them in batches, without waiting for a batch to fill. */
export type Batcher<T> = {
  /**
   * Settles when the batch with `item` is written, or rejects with what `write` threw. Rejects with
   * {@link BatcherFullError} at once when too much is waiting.
   */
  add(item: T): Promise<void>;
  /** Waits until everything added before is written or has failed. Never rejects. */
  drain(): Promise<void>;
  /** Total weight of the waiting items, and the number of batches being written. */
  state(): { weightWaiting: number; inFlight: number };
};

export type BatcherOptions<T> = {
  /**
   * Writes one batch, all or nothing. If it fails, every item in it fails. `waitedMs` is how long the first item has
   * waited.
   */
  write: (items: T[], waitedMs: number) => Promise<unknown>;
  /** Weight of an item towards `weightMax`; 1 by default. */
  weigh?: (item: T) => number;
  /** Weight of a full batch. A heavier item becomes a batch by itself. */
  weightMax: number;
  /** Batches written at the same time. */
  inFlightMax: number;
  /** Weight that may wait. Beyond it `add` refuses. */
  weightWaitingMax: number;
};

/** Too much is waiting: the caller should answer "try again later". */
export class BatcherFullError extends Error {
  override name = "BatcherFullError";
}

type Waiting<T> = {
  item: T;
  weight: number;
  addedAt: number;
  resolve: () => void;
  reject: (error: unknown) => void;
};

/**
 * Group commit without a fixed delay: a batch is written as soon as a writer is free, and items that arrive while all
 * writers are busy gather for the next batch. A lone item waits for nothing, and batches grow with the load. Items that
 * arrive in the same turn of the event loop are written together.
 */
export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { write, weigh = () => 1, weightMax, inFlightMax, weightWaitingMax } = options;
  let waiting: Waiting<T>[] = [];
  let weightWaiting = 0;
  let inFlight = 0;
  let scheduled = false;
  let idle: (() => void)[] = [];

  function schedule(): void {
    if (scheduled || inFlight >= inFlightMax || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      while (inFlight < inFlightMax && waiting.length > 0) void writeBatch(takeBatch());
    });
  }

  function takeBatch(): Waiting<T>[] {
    let count = 0;
    let weight = 0;
    for (const next of waiting) {
      if (count > 0 && weight + next.weight > weightMax) break;
      weight += next.weight;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    weightWaiting -= weight;
    return batch;
  }

  async function writeBatch(batch: Waiting<T>[]): Promise<void> {
    inFlight += 1;
    try {
      const waitedMs = performance.now() - (batch[0]?.addedAt ?? 0);
      await write(
        batch.map(({ item }) => item),
        waitedMs,
      );
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    inFlight -= 1;
    schedule();
    if (inFlight === 0 && waiting.length === 0) {
      for (const resolve of idle) resolve();
      idle = [];
    }
  }

  return {
    add(item) {
      const weight = weigh(item);
      if (weightWaiting > 0 && weightWaiting + weight > weightWaitingMax) {
        return Promise.reject(new BatcherFullError(`${weightWaiting} waiting, ${weightWaitingMax} allowed`));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ item, weight, addedAt: performance.now(), resolve, reject });
        weightWaiting += weight;
        schedule();
      });
    },
    drain() {
      if (inFlight === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => idle.push(resolve));
    },
    state: () => ({ weightWaiting, inFlight }),
  };
}
