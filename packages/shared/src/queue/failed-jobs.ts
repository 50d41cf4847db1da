import { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "../contracts/views-queue.ts";

/** Jobs whose data is in memory at a time: of 500 views each they take some MB. */
const PAGE_JOBS = 20;

/** A job that no worker could record in whole, as the queue keeps it. */
export type FailedJob = {
  id: string;
  failedAt: Date;
  /** What the worker said. */
  reason: string;
  /** Its data exactly as Redis has it: JSON, unless something else wrote it. */
  text: string;
};

/** Where a job is: `gone` is recorded, for completed jobs are removed. */
export type JobState = "failed" | "waiting" | "gone";

/** The queue's failed jobs. Each method rejects while Redis is away. */
export type FailedJobs = {
  count(): Promise<number>;
  /** Those that had failed when it is first asked, the oldest first; also while others retry, remove or add some. */
  all(): AsyncGenerator<FailedJob>;
  /** Undefined when no failed job has this id. */
  get(id: string): Promise<FailedJob | undefined>;
  /** Puts a job back on the queue, atomically. False when it is no failed job any more. */
  retry(id: string): Promise<boolean>;
  /** Removes a job with its data. False when there is none, or a worker has it in hand. */
  remove(id: string): Promise<boolean>;
  /** Adds a job with this data under this id. False when the queue has one of that id: it stays as it is. */
  add(id: string, payload: unknown): Promise<boolean>;
  stateOf(id: string): Promise<JobState>;
  close(): Promise<void>;
};

/**
 * Opens the failed jobs of the views' queue. Read as plain text, not as BullMQ's `Job`, which throws at the first whose
 * data is no JSON.
 */
export function openFailedJobs(redis: Redis): FailedJobs {
  const queue = new Queue(VIEWS_QUEUE.name, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  // The connection logs its own errors; without a listener the queue would throw them.
  queue.on("error", () => {});
  const failedKey = queue.toKey("failed");

  async function read(id: string, score: string): Promise<FailedJob | undefined> {
    const [text, reason] = await redis.hmget(queue.toKey(id), "data", "failedReason");
    // Gone since its id was read.
    if (typeof text !== "string") return undefined;
    return { id, failedAt: new Date(Number(score)), reason: reason ?? "", text };
  }

  return {
    count: () => redis.zcard(failedKey),

    async *all() {
      const [, until] = await redis.zrevrange(failedKey, 0, 0, "WITHSCORES");
      if (until === undefined) return;
      let since = "-inf";
      // Jobs that failed in the same millisecond come again with the next page, and are passed over by id.
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

    remove: async (id) => (await queue.remove(id)) === 1,

    async add(id, payload) {
      if ((await redis.exists(queue.toKey(id))) === 1) return false;
      await queue.add(VIEWS_JOB, payload, { ...VIEWS_JOB_OPTIONS, jobId: id });
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
