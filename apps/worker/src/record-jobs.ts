import { VIEWS_QUEUE, VIEWS_WORKER_TIMES, type ViewsPayload } from "@model-views/shared/queue.ts";
import { readPayload } from "@model-views/shared/read-payload.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { createHolds } from "./holds.ts";

/** Milliseconds until a batch that PostgreSQL did not take is tried again. */
const RETRY_MS = 1_000;

export type RecordJobsOptions = {
  redis: Redis;
  jobsInFlightMax: number;
  /** Resolves when the views are committed, or rejected for good. */
  record: (views: ViewEvent[]) => Promise<void>;
  /** Whether recording has any sense at the moment. */
  canRecord: () => boolean;
  /** Told why a batch could not be recorded. */
  onUnrecorded: (error: unknown) => void;
  /** Told of each job that is kept as failed, and why. */
  onFailed: (jobId: string, reason: string) => void;
  /** Told when the queue misbehaves. */
  onError: (error: unknown, message: string) => void;
};

export type RecordingJobs = {
  /** Takes no more jobs until `resume`. */
  pause(): void;
  resume(): void;
  /** Jobs in hand, and those that were completed or given back so far. */
  state(): { inHand: number; done: number };
  /** Gives back or finishes what is in hand, and takes no more. */
  close(): Promise<void>;
};

/**
 * Takes jobs from the queue, and completes each after its views are committed: a worker that dies in between
 * leaves the job to another, for whom the views are duplicates.
 *
 * A batch that could not be recorded goes back to the queue, as often as it takes; no attempt is burned, and other
 * workers may have it. A job that this version does not understand in whole fails, and is kept; what it understands of
 * it is recorded.
 */
export function recordJobs(options: RecordJobsOptions): RecordingJobs {
  const { redis, jobsInFlightMax, record, canRecord, onUnrecorded, onFailed, onError } = options;
  let inHand = 0;
  let done = 0;
  const worker = new Worker<ViewsPayload>(VIEWS_QUEUE.name, countedJob, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    concurrency: jobsInFlightMax,
    ...VIEWS_WORKER_TIMES,
  });
  worker.on("failed", (job, error) => onFailed(job?.id ?? "", error.message));
  const holds = createHolds<"database">(worker, (error) => onError(error, "the queue reports an error"));

  async function countedJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    inHand += 1;
    try {
      await recordJob(job, token);
    } finally {
      inHand -= 1;
      done += 1;
    }
  }

  async function recordJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    const { views, wrong, isNewer } = readPayload(job.data);
    // A worker that is paused may still get one job that it was waiting for; and a newer ingest may be up before the
    // newer workers are.
    if (!canRecord() || isNewer) return giveBack(job, token);
    try {
      if (views.length > 0) await record(views);
    } catch (error) {
      onUnrecorded(error);
      await giveBack(job, token);
    }
    if (wrong !== undefined) throw failing(wrong);
  }

  /** @throws {DelayedError} which tells the queue that the job is neither done nor failed. */
  async function giveBack(job: Job, token?: string): Promise<never> {
    await job.moveToDelayed(Date.now() + RETRY_MS, token);
    throw new DelayedError();
  }

  return {
    pause: () => holds.hold("database"),
    resume: () => holds.letGo("database"),
    state: () => ({ inHand, done }),
    close: () => worker.close(),
  };
}

/** Without a stack: the queue would keep it with each job, and it says nothing of the job. */
function failing(reason: string): UnrecoverableError {
  const error = new UnrecoverableError(reason);
  error.stack = "";
  return error;
}
