import { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { VIEWS_JOB, VIEWS_QUEUE } from "../contracts/views-queue.ts";
import { countedViews, countRemoved } from "./accounts.ts";
import { addCounted } from "./enqueue.ts";

/** Jobs whose data is in memory at a time: with 500 views each they take a few MB. */
const PAGE_JOBS = 20;

/** A job that no worker could record completely, as the queue keeps it. */
export type FailedJob = {
  id: string;
  failedAt: Date;
  /** Why it failed, from the worker. */
  reason: string;
  /** Its data exactly as it is in Redis: JSON, unless another program wrote it. */
  text: string;
};

/** State of a job. `gone` means recorded, because completed jobs are removed. */
export type JobState = "failed" | "waiting" | "gone";

/** When jobs failed: at `since` or later, and earlier than `before`. An absent field does not limit it. */
export type FailedRange = { since?: Date | undefined; before?: Date | undefined };

/** The queue's failed jobs. Each method rejects while Redis is away. */
export type FailedJobs = {
  count(): Promise<number>;
  /** Jobs that had failed before the call, the oldest first, even if others retry, remove or add some meanwhile. */
  all(range?: FailedRange): AsyncGenerator<FailedJob>;
  /** The jobs that failed last, the newest first. */
  newest(jobsMax: number): Promise<FailedJob[]>;
  /** Undefined when no failed job has this id. */
  get(id: string): Promise<FailedJob | undefined>;
  /** Puts a job back on the queue, atomically. False if it is no longer a failed job. */
  retry(id: string): Promise<boolean>;
  /** Removes a job with its data. False if there is none, or a worker is running it. */
  remove(id: string): Promise<boolean>;
  /** Adds a job with this data under this id. False if the queue has a job of that id, which stays as it is. */
  add(id: string, payload: unknown): Promise<boolean>;
  stateOf(id: string): Promise<JobState>;
  close(): Promise<void>;
};

/**
 * Opens the failed jobs of the views queue. Reads them as text and not as BullMQ's `Job`, which throws at the first one
 * whose data is not JSON.
 */
export function openFailedJobs(redis: Redis): FailedJobs {
  const queue = new Queue(VIEWS_QUEUE.name, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  // The connection logs its own errors. Without a listener the queue would throw them.
  queue.on("error", () => {});
  const failedKey = queue.toKey("failed");

  async function read(id: string, score: string): Promise<FailedJob | undefined> {
    const [text, reason] = await redis.hmget(queue.toKey(id), "data", "failedReason");
    // It was removed after its id was read.
    if (typeof text !== "string") return undefined;
    return { id, failedAt: new Date(Number(score)), reason: reason ?? "", text };
  }

  return {
    count: () => redis.zcard(failedKey),

    async *all(range = {}) {
      const [, newest] = await redis.zrevrange(failedKey, 0, 0, "WITHSCORES");
      if (newest === undefined) return;
      const until = Math.min(Number(newest), (range.before?.getTime() ?? Number.POSITIVE_INFINITY) - 1);
      let since = String(range.since?.getTime() ?? "-inf");
      // Jobs that failed in the same millisecond appear again on the next page, and are skipped by id.
      let seen = new Set<string>();
      for (;;) {
        const page = pairs(
          await redis.zrangebyscore(failedKey, since, until, "WITHSCORES", "LIMIT", 0, PAGE_JOBS + seen.size),
        );
        const fresh = page.filter(([id]) => !seen.has(id));
        const last = fresh.at(-1);
        if (last === undefined) return;
        for (const [id, score] of fresh) {
          const job = await read(id, score);
          if (job !== undefined) yield job;
        }
        const atLast = fresh.filter(([, score]) => score === last[1]).map(([id]) => id);
        seen = last[1] === since ? new Set([...seen, ...atLast]) : new Set(atLast);
        since = last[1];
      }
    },

    async newest(jobsMax) {
      const found = pairs(await redis.zrevrange(failedKey, 0, jobsMax - 1, "WITHSCORES"));
      const jobs: FailedJob[] = [];
      for (const [id, score] of found) {
        const job = await read(id, score);
        if (job !== undefined) jobs.push(job);
      }
      return jobs;
    },

    async get(id) {
      const score = await redis.zscore(failedKey, id);
      return score === null ? undefined : read(id, score);
    },

    async retry(id) {
      try {
        await new Job(queue, VIEWS_JOB, undefined, {}, id).retry("failed");
        return true;
      } catch (error) {
        if (error instanceof Error && "code" in error && Number(error.code) < 0) return false;
        throw error;
      }
    },

    async remove(id) {
      const views = await countedViews(redis, id);
      if ((await queue.remove(id)) !== 1) return false;
      await countRemoved(redis, views);
      return true;
    },

    async add(id, payload) {
      if ((await redis.exists(queue.toKey(id))) === 1) return false;
      await addCounted(queue, id, payload);
      return true;
    },

    async stateOf(id) {
      if ((await redis.zscore(failedKey, id)) !== null) return "failed";
      return (await redis.exists(queue.toKey(id))) === 1 ? "waiting" : "gone";
    },

    close: () => queue.close(),
  };
}

function pairs(flat: readonly string[]): [id: string, score: string][] {
  return flat.flatMap((id, index): [string, string][] =>
    index % 2 === 0 ? [[id, flat[index + 1] ?? "0"]] : [],
  );
}
