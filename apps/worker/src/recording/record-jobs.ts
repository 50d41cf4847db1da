import type { ViewsPayload } from "@model-views/shared/contracts/views-queue.ts";
import { accountOf } from "@model-views/shared/queue/accounts.ts";
import { readPayload } from "@model-views/shared/queue/read-payload.ts";
import { redisTime } from "@model-views/shared/queue/redis.ts";
import { DelayedError, type Job, UnrecoverableError } from "bullmq";
import type { Redis } from "ioredis";
import { createJobRepair } from "../queue/repair-jobs.ts";
import type { JobViews } from "./batch-recorder.ts";
import { createInFlight, type InFlightLimits } from "./in-flight.ts";
import { createPauseLock } from "./pause-lock.ts";
import { ViewsWorker } from "./views-worker.ts";

/** Milliseconds until a batch that PostgreSQL did not accept is tried again. */
const RETRY_MS = 1_000;
/** Longest time until a job of a later version is tried again, in milliseconds. */
const NEWER_MS_MAX = 4 * 60_000;

export type RecordJobsOptions = {
  redis: Redis;
  inFlight: InFlightLimits;
  /** Resolves when the views are committed, or rejected for good. */
  record: (job: JobViews) => Promise<void>;
  /** Called for each job that was recorded, with the milliseconds since it was put on the queue: by two clocks. */
  onRecorded: (lagMs: number) => void;
  /** Whether views can be recorded at the moment. */
  canRecord: () => boolean;
  /** Called with the reason when a batch could not be recorded. */
  onUnrecorded: (error: unknown) => void;
  /** Called for each job that is kept as failed, with the reason. */
  onFailed: (jobId: string, reason: string) => void;
  /** Called with each error of the queue. */
  onError: (error: unknown, message: string) => void;
};

export type RecordingJobs = {
  /** Takes no more jobs until `resume`. */
  pause(): void;
  resume(): void;
  /** Running jobs, and the number of jobs that were completed or given back. */
  state(): { running: number; done: number };
  /** Finishes or gives back the jobs in flight, and takes no more. */
  close(): Promise<void>;
};

/**
 * Takes jobs from the queue, and completes each after its views are committed. If a worker dies in between, another gets
 * the job, and its views are duplicates.
 *
 * A batch that could not be recorded goes back to the queue, as often as necessary. That uses up no attempt, and other
 * workers may take it. A job that this version does not understand completely fails and is kept, after the part that it
 * understands was recorded.
 */
export function recordJobs(options: RecordJobsOptions): RecordingJobs {
  const { redis, record, onRecorded, canRecord, onUnrecorded, onFailed, onError } = options;
  let done = 0;
  const worker = new ViewsWorker({
    redis,
    run: countedJob,
    onTaken: (job) => inFlight.taken(viewsOf(job)),
    mayReplace: () => inFlight.hasCapacity(),
  });
  const inFlight = createInFlight(options.inFlight, (jobs) => {
    worker.concurrency = jobs;
  });
  worker.on("failed", (job, error) => onFailed(job?.id ?? "", error.message));
  const pauseLock = createPauseLock<"database">(worker, (error) => {
    onError(error, "the queue reports an error");
    if (error instanceof SyntaxError) repairJobs();
  });

  /** BullMQ returns a job that it cannot read to a worker when its lock expires. One pass repairs thousands of them. */
  const repairJobs = createJobRepair({
    redis,
    onRepaired: (id) => onError(new Error("it has options now"), `job ${id} was no JSON`),
    onError: (error) => onError(error, "could not repair a job that is no JSON"),
  });

  async function countedJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    inFlight.started();
    try {
      await recordJob(job, token);
    } finally {
      inFlight.ended(viewsOf(job));
      done += 1;
    }
  }

  async function recordJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    const { views, wrong, isNewer } = readPayload(job.data);
    // A paused worker may still get the one job that it was waiting for. And a newer ingest may be running before the
    // newer workers are.
    if (isNewer) return giveBack(job, token, newerRetryMs(job));
    if (!canRecord()) return giveBack(job, token, RETRY_MS);
    try {
      // A job that fails stays on the queue with all of its views, and is counted there.
      const account = wrong === undefined ? accountOf(job.opts) : undefined;
      if (views.length > 0) {
        await record({ views, account });
        onRecorded(Date.now() - job.timestamp);
      }
    } catch (error) {
      onUnrecorded(error);
      await giveBack(job, token, RETRY_MS);
    }
    if (wrong !== undefined) throw failing(wrong);
  }

  /**
   * Makes a job due again by Redis' clock, because this worker's clock may be wrong. Any worker may take it.
   *
   * @throws {DelayedError} which makes BullMQ neither complete nor fail the job.
   */
  async function giveBack(job: Job, token: string | undefined, ms: number): Promise<never> {
    await job.moveToDelayed((await redisTime(redis)).getTime() + ms, token);
    throw new DelayedError();
  }

  return {
    pause: () => pauseLock.acquire("database"),
    resume: () => pauseLock.release("database"),
    state: () => ({ running: inFlight.running(), done }),
    close: () => worker.close(),
  };
}

/** Without a stack, which the queue would store with each job, and which says nothing about the job. */
function failing(reason: string): UnrecoverableError {
  const error = new UnrecoverableError(reason);
  error.stack = "";
  return error;
}

/** Counts one more than its views, so that a job without any has a weight too. */
function viewsOf({ data }: Job<unknown>): number {
  const views = typeof data === "object" && data !== null && "views" in data ? data.views : [];
  return 1 + (Array.isArray(views) ? views.length : 0);
}

/**
 * Milliseconds until a job of a later version is tried again. They double each time, up to 4 minutes, and vary, so that
 * thousands of such jobs do not delay what can be recorded.
 */
export function newerRetryMs({ attemptsStarted }: Pick<Job, "attemptsStarted">): number {
  return Math.min(RETRY_MS * 2 ** attemptsStarted, NEWER_MS_MAX) * (0.5 + Math.random() / 2);
}
