import type { JobsOptions } from "bullmq";
import { z } from "zod";
import { viewEventSchema } from "./view-event.ts";
import { BATCH_VIEWS_MAX } from "./views.ts";

/**
 * The queue between ingest and worker. The braces put all its keys into one slot of a Redis Cluster. A second shard
 * would be `{views-1}`.
 */
export const VIEWS_QUEUE = { name: "views", prefix: "{views-0}" } as const;

/** Name of the only kind of job: a batch of views. */
export const VIEWS_JOB = "views";

/** Version of the payload below. A worker does not record jobs of other versions, and keeps them. */
export const PAYLOAD_VERSION = 1;

/** Data of a job. */
export const viewsPayloadSchema = z.object({
  v: z.literal(PAYLOAD_VERSION),
  views: z.array(viewEventSchema).min(1).max(BATCH_VIEWS_MAX),
});
export type ViewsPayload = z.infer<typeof viewsPayloadSchema>;

/**
 * Options of each job. Completed jobs are removed, because the rows are their record. Failed jobs are kept for ever,
 * because they contain acknowledged views.
 */
export const VIEWS_JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: false,
  // A safety net: a batch that cannot be recorded is given back to the queue, which uses up no attempt. Only if Redis
  // refuses that command does an attempt count, and then the job must not fail for good.
  attempts: 1_000_000_000,
  backoff: { type: "fixed", delay: 1_000 },
} as const satisfies JobsOptions;

/**
 * Times that decide how fast the jobs of a killed worker come back: at the latest after `lockDuration` and twice
 * `stalledInterval`, because the workers share one check in that time, and it may just have skipped the job.
 * `maxStalledCount` counts kills. A job must survive any number of them (with the default of 1 it fails at the second).
 */
export const VIEWS_WORKER_TIMES = {
  lockDuration: 4_000,
  stalledInterval: 1_000,
  maxStalledCount: 1_000,
  /** Milliseconds until the worker tries again after a lost connection. The default of 15 s would be an outage in itself. */
  runRetryDelay: 1_000,
} as const;
