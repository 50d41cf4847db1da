import { type Enqueue, openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { type FailedJobs, openFailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import type { Redis } from "ioredis";

/** The queue, for what admins put back on it. */
export type ViewsQueue = { enqueue: Enqueue; failedJobs: FailedJobs };

/** Uses the connection, and opens no other one. There is nothing to close. */
export function createViewsQueue(redis: Redis): ViewsQueue {
  return { enqueue: openViewsQueue(redis).enqueue, failedJobs: openFailedJobs(redis) };
}
