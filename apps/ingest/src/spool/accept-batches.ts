import { randomUUID } from "node:crypto";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { PAYLOAD_VERSION } from "@model-views/shared/contracts/views-queue.ts";
import type { Batch, Enqueue } from "@model-views/shared/queue/enqueue.ts";
import type { OwnSpool } from "./own-spool.ts";
import type { Spool, SpooledBatch } from "./spool.ts";

/** Milliseconds between probes of the queue while the breaker is open. */
const PROBE_MS = 500;
/** Milliseconds between checks when all is well: of new orphans, and of Redis' memory. */
const WATCH_MS = 2_000;
/**
 * Milliseconds that a live batch waits for the queue. If the queue takes it later after all, it has it under the same
 * job id.
 */
const LIVE_MS_MAX = 500;
/** Milliseconds from a view's arrival after which it goes to the spool, so that an answer takes less than 1.2 s. */
const ARRIVAL_MS_MAX = 1_000;
/** A batch with less than this many milliseconds left goes straight to the spool. */
const QUEUE_MS_MIN = 50;
/** Part of the time in which the spool may be drained, so that live views come first. */
const DRAIN_SHARE = 0.5;

/** Where a batch is now; it is durable in both cases. */
export type Accepted = "queued" | "spooled";

export type AcceptBatchesDeps = {
  /** Resolves when the queue has the batch. */
  enqueue: Enqueue;
  /** Resolves when the queue should be used; rejects with the reason when it should not. */
  probe: () => Promise<void>;
  spool: OwnSpool;
  /** Opens the spools of processes that have ended. */
  adopt: () => Spool[];
  /** Called with the reason when the breaker opens, and without one when it closes. */
  onBreaker: (reason: string | undefined) => void;
  /** Called with each error while draining, except that the queue is away. May repeat. */
  onError: (error: unknown) => void;
};

export type AcceptBatches = {
  /**
   * Makes a batch durable: on the queue, or else in the spool. If the queue works but is slower than views arrive,
   * batches that have already waited too long go to the spool.
   *
   * @param waitedMs milliseconds for which the batch's first view has waited.
   * @throws when neither takes it. Then it is stored nowhere, or on the queue if only the answer is missing.
   */
  accept(views: ViewEvent[], waitedMs?: number): Promise<Accepted>;
  /** Why the breaker is open; undefined when it is closed. */
  openBecause(): string | undefined;
  /** Files of spools that could not be read at the last check. */
  unreadable(): string[];
  /** What waits on disk, in this process's spool and in those that it has adopted. */
  spooled(): { batches: number; bytes: number };
  stop(): Promise<void>;
};

/**
 * Two ways to make a batch durable, with a circuit breaker between them.
 *
 * While the breaker is *closed*, batches go to the queue. When the queue refuses one or does not answer in time, that
 * batch goes to the spool and the breaker *opens*: batches go to the spool at once, without waiting for the queue. The
 * queue is probed twice a second. When it answers, the breaker closes and the spool is drained: oldest batch first,
 * small ones together, in at most half of the time. A batch leaves the spool once the queue has it. If the process is
 * killed in between, both have the same views, which are recorded once.
 *
 * The probe also runs while the breaker is closed, to stop using a Redis that is filling up before it refuses.
 */
export function acceptBatches(deps: AcceptBatchesDeps): AcceptBatches {
  const { enqueue, probe, spool, adopt, onBreaker, onError } = deps;
  let because: string | undefined;
  let adopted: Spool[] = [];
  let stopped = false;
  let isTurn = false;
  const unreadable = new Set<Spool>();
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let probedAt = Number.NEGATIVE_INFINITY;
  schedule(0);

  /** One turn at a time: the current turn schedules the next. */
  function schedule(ms: number): void {
    if (stopped || isTurn) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      isTurn = true;
      turn = takeTurn()
        .catch((error: unknown) => {
          onError(error);
          return WATCH_MS;
        })
        .then((next) => {
          isTurn = false;
          schedule(because === undefined ? next : PROBE_MS);
        });
    }, ms);
  }

  /** Does the next thing that is due, and returns the milliseconds until the next turn. */
  async function takeTurn(): Promise<number> {
    if (because !== undefined || performance.now() - probedAt >= WATCH_MS) {
      probedAt = performance.now();
      await probe().then(close, open);
      // A failure of one of these must not stop the draining.
      for (const repair of [spool.repair, adoptMore, closeEmptyOrphans]) attempt(repair);
      unreadable.clear();
    }
    if (because !== undefined) return PROBE_MS;
    return (await drainOne()) ?? WATCH_MS;
  }

  function adoptMore(): void {
    adopted.push(...adopt());
  }

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      onError(error);
    }
  }

  /** The spools in the order in which they are drained. */
  function spools(): Spool[] {
    const own = spool.current();
    return own === undefined ? adopted : [...adopted, own];
  }

  /** Moves the oldest batch to the queue and returns the milliseconds to rest. Undefined when there is none. */
  async function drainOne(): Promise<number | undefined> {
    const source = spools().find((each) => each.state().batches > 0 && !unreadable.has(each));
    const batch = source === undefined ? undefined : readOldest(source);
    if (source === undefined || batch === undefined) return undefined;
    const began = performance.now();
    try {
      await enqueue(batch, { isAgain: true });
    } catch (error) {
      open(error);
      return PROBE_MS;
    }
    source.remove(batch);
    return ((performance.now() - began) * (1 - DRAIN_SHARE)) / DRAIN_SHARE;
  }

  /** A spool whose oldest batch cannot be read is skipped until the next check, so that others can be drained. */
  function readOldest(source: Spool): SpooledBatch | undefined {
    try {
      return source.oldest();
    } catch (error) {
      unreadable.add(source);
      onError(error);
      return undefined;
    }
  }

  function closeEmptyOrphans(): void {
    const empty = adopted.filter((each) => each.state().batches === 0);
    adopted = adopted.filter((each) => !empty.includes(each));
    for (const each of empty) attempt(() => each.close());
  }

  function open(reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason);
    if (because === undefined) onBreaker(text);
    because = text;
  }

  function close(): void {
    if (because !== undefined) onBreaker(undefined);
    because = undefined;
  }

  return {
    async accept(views, waitedMs = 0) {
      const batch: Batch = { jobId: randomUUID(), payload: { v: PAYLOAD_VERSION, views } };
      const liveMs = Math.min(LIVE_MS_MAX, ARRIVAL_MS_MAX - waitedMs);
      if (because === undefined && liveMs >= QUEUE_MS_MIN) {
        try {
          await within(liveMs, enqueue(batch));
          return "queued";
        } catch (error) {
          open(error);
          schedule(PROBE_MS);
        }
      }
      spool.put(batch);
      return "spooled";
    },
    openBecause: () => because,
    unreadable: () => [...unreadable].map(({ file }) => file),
    spooled() {
      const states = spools().map((each) => each.state());
      return {
        batches: states.reduce((sum, { batches }) => sum + batches, 0),
        bytes: states.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turn;
      for (const each of [...adopted, spool]) attempt(() => each.close());
    },
  };
}

/** Settles like `work`, or rejects after `ms` milliseconds. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the queue did not answer within ${ms} ms`)), ms);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
