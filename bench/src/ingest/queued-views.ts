import { VIEWS_QUEUE, viewsPayloadSchema } from "@model-views/shared/contracts/views-queue.ts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Jobs read at a time; each holds up to 500 views. */
const JOBS_AT_A_TIME = 500;

/** Views on the queue, and how many different ones they are. */
export type QueuedViews = { views: number; different: number };

/** How many different views wait on our queue? Reads every job, and parses it as the worker would. */
export async function countQueuedViews(redis: Redis): Promise<QueuedViews> {
  const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
  const ids = new Set<string>();
  let views = 0;
  for (let from = 0; ; from += JOBS_AT_A_TIME) {
    const jobs = await queue.getJobs(["waiting"], from, from + JOBS_AT_A_TIME - 1);
    for (const job of jobs) {
      const payload = viewsPayloadSchema.parse(job.data);
      views += payload.views.length;
      for (const { id } of payload.views) ids.add(id);
    }
    if (jobs.length < JOBS_AT_A_TIME) return { views, different: ids.size };
  }
}
