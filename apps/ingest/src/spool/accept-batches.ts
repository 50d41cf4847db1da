import { randomUUID } from "node:crypto";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { PAYLOAD_VERSION } from "@model-views/shared/contracts/views-queue.ts";
import type { Batch, Enqueue } from "@model-views/shared/queue/enqueue.ts";
import type { OwnSpool } from "./own-spool.ts";
import type { Spool, SpooledBatch } from "./spool.ts";

/** Milliseconds between two tries to reach the queue while the breaker is open. */
const PROBE_MS = 500;
/** Milliseconds between two looks for something to do when all is well: new orphans, Redis' memory. */
const WATCH_MS = 2_000;
/**
 * Milliseconds that a live batch waits for the queue. A queue that takes it later all the same has it under the same job
 * id.
 */
const LIVE_MS_MAX = 500;
/** Milliseconds from a view's arrival until the spool is asked instead, so that an answer stays below 1.2 s. */
const ARRIVAL_MS_MAX = 1_000;
/** A batch that has less than this many milliseconds left does not try the queue. */
const QUEUE_MS_MIN = 50;
/** The spool is drained in at most this part of the time, so that live views come first. */
const DRAIN_SHARE = 0.5;

/** What became of a batch; either way it is durable. */
export type Accepted = "queued" | "spooled";

export type AcceptBatchesDeps = {
  /** Resolves when the queue has the batch. */
  enqueue: Enqueue;
  /** Resolves when the queue should be used; rejects with the reason when it cannot be, or had better not be. */
  probe: () => Promise<void>;
  spool: OwnSpool;
  /** Opens the spools of processes that are gone. */
  adopt: () => Spool[];
  /** Told when the breaker opens, with the reason, and when it closes. */
  onBreaker: (reason: string | undefined) => void;
  /** Told of what goes wrong while draining, other than the queue being away; again and again while it does. */
  onError: (error: unknown) => void;
};

export type AcceptBatches = {
  /**
   * Makes a batch durable: on the queue, or else in the spool. A queue that works, but slower than views come, keeps the
   * views that have waited too long already from waiting longer: those are spooled as well.
   *
   * @param waitedMs milliseconds for which the batch's first view has waited.
   * @throws when neither takes it; then it is nowhere, or on the queue without an answer having come.
   */
  accept(views: ViewEvent[], waitedMs?: number): Promise<Accepted>;
  /** Why the breaker is open; undefined when it is closed. */
  openBecause(): string | undefined;
  /** Files of the spools that could not be read at the last look. */
  unreadable(): string[];
  /** What waits on disk, in this process's spool and in those that it adopted. */
  spooled(): { batches: number; bytes: number };
  stop(): Promise<void>;
};

/**
 * Two ways to make a batch durable, and a breaker between them.
 *
 * The breaker is *closed*: batches go to the queue. When the queue refuses one, or does not answer in time, that batch
 * goes to the spool and the breaker is *open*: batches go to the spool at once, so that nobody waits for a queue that
 * is not there. Twice a second the queue is probed; when it answers, the breaker closes and the spool is drained, oldest
 * first, small batches together, in half the time at most. A batch leaves the spool when the queue has it: killed in
 * between, it is on both with the same views, which are recorded once.
 *
 * Also while it is closed the probe goes on, so that a Redis that fills up is left alone before it refuses.
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

  /** One turn at a time: the turn under way schedules the next one. */
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

  /** Does the next thing that is due, and says in how many milliseconds to come back. */
  async function takeTurn(): Promise<number> {
    if (because !== undefined || performance.now() - probedAt >= WATCH_MS) {
      probedAt = performance.now();
      await probe().then(close, open);
      // None of the three keeps what is there from being drained.
      for (const mend of [spool.mend, adoptMore, closeEmptyOrphans]) attempt(mend);
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

  /** What can be drained, in the order in which it is. */
  function spools(): Spool[] {
    const own = spool.current();
    return own === undefined ? adopted : [...adopted, own];
  }

  /** Moves the oldest batch to the queue; undefined when there is none. */
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

  /** A spool whose oldest batch cannot be read is left as it is until the next look, and keeps no other from being drained. */
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

/** Settles as `work` does, or rejects when that takes too long. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the queue did not answer within ${ms} ms`)), ms);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
