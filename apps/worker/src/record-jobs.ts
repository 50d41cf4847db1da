import {
  VIEWS_QUEUE,
  VIEWS_WORKER_TIMES,
  type ViewsPayload,
  viewsPayloadSchema,
} from "@model-views/shared/queue.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";

/** Milliseconds until a batch that PostgreSQL did not take is tried again. */
const RETRY_MS = 1_000;

/** Milliseconds of rest after Redis refused a command. */
const REST_MS = 1_000;

export type RecordJobsOptions = {
  redis: Redis;
  jobsInFlightMax: number;
  /** Resolves when the views are committed. */
  record: (views: ViewEvent[]) => Promise<void>;
  /** Told when a batch could not be recorded, or the queue misbehaves. */
  onError: (error: unknown, message: string) => void;
};

/**
 * Takes jobs from the queue, and completes each after its views are committed: a worker that dies in between
 * leaves the job to another, for whom the views are duplicates.
 *
 * A batch that could not be recorded goes back to the queue, as often as it takes; no attempt is burned. A job of
 * a shape that this version does not know fails, and is kept.
 */
export function recordJobs({ redis, jobsInFlightMax, record, onError }: RecordJobsOptions): Worker {
  let resting = false;
  const worker = new Worker<ViewsPayload>(VIEWS_QUEUE.name, recordJob, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    concurrency: jobsInFlightMax,
    ...VIEWS_WORKER_TIMES,
  });
  worker.on("error", (error) => {
    // The connection itself says when it is lost, and when it is back.
    if ("code" in error && String(error.code).startsWith("ECONN")) return;
    onError(error, "the queue reports an error");
    if (error.name === "ReplyError") rest();
  });
  worker.on("failed", (job, error) => onError(error, `job ${job?.id} failed and is kept`));
  return worker;

  /**
   * A Redis that refuses commands (full, or read-only) would be asked again at once, without end: BullMQ waits only
   * after lost connections.
   */
  function rest(): void {
    if (resting || worker.closing) return;
    resting = true;
    void worker.pause(true);
    setTimeout(() => {
      resting = false;
      if (!worker.closing) worker.resume();
    }, REST_MS);
  }

  async function recordJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    const payload = viewsPayloadSchema.safeParse(job.data);
    if (!payload.success)
      throw new UnrecoverableError(`not a payload of this version: ${payload.error.message}`);
    try {
      await record(payload.data.views);
    } catch (error) {
      onError(error, "could not record a batch, it is tried again");
      await job.moveToDelayed(Date.now() + RETRY_MS, token);
      throw new DelayedError();
    }
  }
}
