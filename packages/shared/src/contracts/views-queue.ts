import type { JobsOptions } from "bullmq";
import { z } from "zod";
import { viewEventSchema } from "./view-event.ts";
import { BATCH_VIEWS_MAX } from "./views.ts";

/**
 * The queue between ingest and worker. All its keys live in one Redis Cluster slot because of the braces; a
 * second shard would be `{views-1}`.
 */
export const VIEWS_QUEUE = { name: "views", prefix: "{views-0}" } as const;

/** Name of the one kind of job: a batch of views. */
export const VIEWS_JOB = "views";

/** Version of the payload below; a worker refuses, and keeps, a job of a version it does not know. */
export const PAYLOAD_VERSION = 1;

/** Data of a job. */
export const viewsPayloadSchema = z.object({
  v: z.literal(PAYLOAD_VERSION),
  views: z.array(viewEventSchema).min(1).max(BATCH_VIEWS_MAX),
});
export type ViewsPayload = z.infer<typeof viewsPayloadSchema>;

/**
 * Options of each job. Completed jobs are removed: the rows are their record. Failed jobs are kept for ever:
 * they hold acknowledged views.
 */
export const VIEWS_JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: false,
  // A net: a batch that cannot be recorded goes back to the queue by itself, with no attempt burned, unless Redis
  // refuses that very command. It must not count as failed for good then.
  attempts: 1_000_000_000,
  backoff: { type: "fixed", delay: 1_000 },
} as const satisfies JobsOptions;

/**
 * How fast a killed worker's jobs come back: at the latest after `lockDuration` and twice
 * `stalledInterval`: the workers share one look in that time, and the one that is due may just have been skipped.
 * `maxStalledCount` counts kills, and a job must outlive any number of them (the default of 1 fails the job at
 * the second).
 */
export const VIEWS_WORKER_TIMES = {
  lockDuration: 4_000,
  stalledInterval: 1_000,
  maxStalledCount: 1_000,
  /** Milliseconds until the worker asks again after a lost connection; the default of 15 s is an outage of its own. */
  runRetryDelay: 1_000,
} as const;
