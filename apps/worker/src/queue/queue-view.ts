import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** The queue to look at, on a connection that fails at once while Redis is away. Adds nothing to it. */
export function openQueueView(redis: Redis): Queue {
  const queue = new Queue(VIEWS_QUEUE.name, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
  });
  // The connection logs its own errors; without a listener the queue would throw them.
  queue.on("error", () => {});
  return queue;
}

/** Jobs that a worker could take now; none while an operator has paused the queue. Rejects while Redis does not say. */
export async function jobsWaiting(queue: Queue): Promise<number> {
  if (await queue.isPaused()) return 0;
  const { waiting = 0 } = await queue.getJobCounts("waiting");
  return waiting;
}
