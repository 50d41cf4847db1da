import { randomUUID } from "node:crypto";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE, type ViewsPayload } from "./queue.ts";

/** Views that travel together, as the queue's payload and under the job id that they have there. */
export type Batch = { jobId: string; payload: ViewsPayload };

/**
 * Puts one job on the queue: up to 500 views, all or none of them.
 *
 * `isAgain`: it may have been tried before, and is on the queue at most once more for that. Under the same id, BullMQ adds
 * nothing where a job of that id is there. But a script that Redis stops in the middle, because its user lacks a right, say, leaves a
 * job that is on no list and that no worker will ever find: then it is added under another id.
 */
export type Enqueue = (batch: Batch, options?: { isAgain: boolean }) => Promise<void>;

/**
 * The queue, to add to it. With `skipWaitingForReady` and `skipVersionCheck` an add fails at once while Redis is
 * away; without either it hangs. An add that timed out may still have been done: that is why views have ids.
 */
export function openViewsQueue(redis: Redis): { enqueue: Enqueue; close: () => Promise<void> } {
  const queue = new Queue<ViewsPayload>(VIEWS_QUEUE.name, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  // The connection logs its own errors; without a listener the queue would throw them.
  queue.on("error", () => {});
  return {
    async enqueue({ jobId, payload }, { isAgain } = { isAgain: false }) {
      const isLost = isAgain && (await isOnNoList(jobId));
      await queue.add(VIEWS_JOB, payload, { ...VIEWS_JOB_OPTIONS, jobId: isLost ? randomUUID() : jobId });
    },
    close: () => queue.close(),
  };

  /** True as well where it cannot be seen: a view that is on the queue twice is recorded once. */
  async function isOnNoList(jobId: string): Promise<boolean> {
    if ((await redis.exists(queue.toKey(jobId))) === 0) return false;
    return queue.getJobState(jobId).then(
      (state) => state === "unknown",
      () => true,
    );
  }
}
