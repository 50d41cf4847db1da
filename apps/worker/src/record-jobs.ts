import { VIEWS_QUEUE, VIEWS_WORKER_TIMES, type ViewsPayload } from "@model-views/shared/queue.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { readPayload } from "./read-payload.ts";

/** Milliseconds until a batch that PostgreSQL did not take is tried again. */
const RETRY_MS = 1_000;

/** Milliseconds of rest after Redis refused a command. */
const REST_MS = 1_000;

export type RecordJobsOptions = {
  redis: Redis;
  jobsInFlightMax: number;
  /** Resolves when the views are committed, or rejected for good. */
  record: (views: ViewEvent[]) => Promise<void>;
  /** Whether recording has any sense at the moment. */
  canRecord: () => boolean;
  /** Told why a batch could not be recorded. */
  onUnrecorded: (error: unknown) => void;
  /** Told when the queue misbehaves, or a job is kept as failed. */
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
  const { redis, jobsInFlightMax, record, canRecord, onUnrecorded, onError } = options;
  const held = new Set<"database" | "queue">();
  let inHand = 0;
  let done = 0;
  const worker = new Worker<ViewsPayload>(VIEWS_QUEUE.name, countedJob, {
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

  /**
   * A Redis that refuses commands (full, or read-only) would be asked again at once, without end: BullMQ waits only
   * after lost connections.
   */
  function rest(): void {
    if (held.has("queue")) return;
    hold("queue");
    setTimeout(() => letGo("queue"), REST_MS);
  }

  function hold(why: "database" | "queue"): void {
    held.add(why);
    if (!worker.closing) void worker.pause(true);
  }

  function letGo(why: "database" | "queue"): void {
    held.delete(why);
    if (held.size === 0 && !worker.closing) void worker.resume();
  }

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
    const { views, wrong } = readPayload(job.data);
    // A worker that is paused may still get one job that it was waiting for.
    if (!canRecord()) return giveBack(job, token);
    try {
      if (views.length > 0) await record(views);
    } catch (error) {
      onUnrecorded(error);
      await giveBack(job, token);
    }
    if (wrong !== undefined) throw new UnrecoverableError(wrong);
  }

  /** @throws {DelayedError} which tells the queue that the job is neither done nor failed. */
  async function giveBack(job: Job, token?: string): Promise<never> {
    await job.moveToDelayed(Date.now() + RETRY_MS, token);
    throw new DelayedError();
  }

  return {
    pause: () => hold("database"),
    resume: () => letGo("database"),
    state: () => ({ inHand, done }),
    close: () => worker.close(),
  };
}
