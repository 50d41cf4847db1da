import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE, type ViewsPayload } from "@model-views/shared/queue.ts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Batch } from "./spool/spool.ts";

/** Puts one job on the queue: up to 500 views, all or none of them. */
export type Enqueue = (batch: Batch) => Promise<void>;

/**
 * The queue's end in ingest. With `skipWaitingForReady` and `skipVersionCheck` an add fails at once while Redis is
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
