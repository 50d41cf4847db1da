import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE, type ViewsPayload } from "./queue.ts";

/** Views that travel together, as the queue's payload and under the job id that they have there. */
export type Batch = { jobId: string; payload: ViewsPayload };

/** Puts one job on the queue: up to 500 views, all or none of them. */
export type Enqueue = (batch: Batch) => Promise<void>;

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
    async enqueue({ jobId, payload }) {
      await queue.add(VIEWS_JOB, payload, { ...VIEWS_JOB_OPTIONS, jobId });
    },
    close: () => queue.close(),
  };
}
