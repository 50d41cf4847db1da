/** Gathers items and writes them in batches, without ever waiting for company. */
export type Batcher<T> = {
  /**
   * Settles when the batch that holds `item` is written, or rejects with what `write` threw.
   * Rejects with {@link BatcherFullError} at once when too much is waiting.
   */
  add(item: T): Promise<void>;
  /** Waits until all that was added before is written or has failed. Never rejects. */
  drain(): Promise<void>;
  /** Total weight of what waits for its batch, and the batches that are being written. */
  state(): { weightWaiting: number; inFlight: number };
};

export type BatcherOptions<T> = {
  /**
   * Writes one batch, all or nothing; its failure is the failure of each item in it. `waitedMs` is how long the first
   * of them has waited already.
   */
  write: (items: T[], waitedMs: number) => Promise<unknown>;
  /** What an item counts towards `weightMax`; 1 each by default. */
  weigh?: (item: T) => number;
  /** Weight of a full batch. An item that is heavier makes a batch by itself. */
  weightMax: number;
  /** Batches written at the same time. */
  inFlightMax: number;
  /** Weight that may wait; beyond it `add` refuses. */
  weightWaitingMax: number;
};

/** More waits than may: the caller should answer "try again later". */
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
 * Group commit with no fixed linger: a batch leaves as soon as a writer is free, and what arrives while all
 * writers are busy gathers for the next. So one lone item waits for nothing, and the busier it is the larger the
 * batches are. What arrives in one turn of the event loop travels together.
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
