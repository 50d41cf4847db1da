import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { ViewsPayload } from "@model-views/shared/contracts/views-queue.ts";
import { readPayload } from "@model-views/shared/queue/read-payload.ts";
import { redisTime } from "@model-views/shared/queue/redis-clock.ts";
import { DelayedError, type Job, UnrecoverableError } from "bullmq";
import type { Redis } from "ioredis";
import { mendJobs } from "../queue/mend-jobs.ts";
import { singleFlight } from "../queue/single-flight.ts";
import { createInHand, type InHandLimits } from "./in-hand.ts";
import { createPauseLock } from "./pause-lock.ts";
import { ViewsWorker } from "./views-worker.ts";

/** Milliseconds until a batch that PostgreSQL did not take is tried again. */
const RETRY_MS = 1_000;
/** Milliseconds until a job of a later version is looked at again, at most. */
const NEWER_MS_MAX = 4 * 60_000;

export type RecordJobsOptions = {
  redis: Redis;
  inHand: InHandLimits;
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
  const { redis, record, canRecord, onUnrecorded, onFailed, onError } = options;
  let done = 0;
  const worker = new ViewsWorker({
    redis,
    run: countedJob,
    onTaken: (job) => inHand.taken(viewsOf(job)),
    mayReplace: () => inHand.hasRoom(),
  });
  const inHand = createInHand(options.inHand, (jobs) => {
    worker.concurrency = jobs;
  });
  worker.on("failed", (job, error) => onFailed(job?.id ?? "", error.message));
  const pauseLock = createPauseLock<"database">(worker, (error) => {
    onError(error, "the queue reports an error");
    if (error instanceof SyntaxError) mend();
  });

  /** What BullMQ itself cannot read is given to a worker once more when its lock has run out. Thousands of them are one pass. */
  const mend = singleFlight(async () => {
    try {
      for await (const id of mendJobs(redis))
        onError(new Error("it has options now"), `job ${id} was no JSON`);
    } catch (error) {
      onError(error, "could not mend a job that is no JSON");
    }
  });

  async function countedJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    inHand.started();
    try {
      await recordJob(job, token);
    } finally {
      inHand.ended(viewsOf(job));
      done += 1;
    }
  }

  async function recordJob(job: Job<ViewsPayload>, token?: string): Promise<void> {
    const { views, wrong, isNewer } = readPayload(job.data);
    // A worker that is paused may still get one job that it was waiting for; and a newer ingest may be up before the
    // newer workers are.
    if (isNewer) return giveBack(job, token, newerRetryMs(job));
    if (!canRecord()) return giveBack(job, token, RETRY_MS);
    try {
      if (views.length > 0) await record(views);
    } catch (error) {
      onUnrecorded(error);
      await giveBack(job, token, RETRY_MS);
    }
    if (wrong !== undefined) throw failing(wrong);
  }

  /**
   * Due again by Redis' clock: other workers may have it, and this one's clock may be wrong.
   *
   * @throws {DelayedError} which tells the queue that the job is neither done nor failed.
   */
  async function giveBack(job: Job, token: string | undefined, ms: number): Promise<never> {
    await job.moveToDelayed((await redisTime(redis)).getTime() + ms, token);
    throw new DelayedError();
  }

  return {
    pause: () => pauseLock.acquire("database"),
    resume: () => pauseLock.release("database"),
    state: () => ({ inHand: inHand.running(), done }),
    close: () => worker.close(),
  };
}

/** Without a stack: the queue would keep it with each job, and it says nothing of the job. */
function failing(reason: string): UnrecoverableError {
  const error = new UnrecoverableError(reason);
  error.stack = "";
  return error;
}

/** A job that can hold none weighs something as well. */
function viewsOf({ data }: Job<unknown>): number {
  const views = typeof data === "object" && data !== null && "views" in data ? data.views : [];
  return 1 + (Array.isArray(views) ? views.length : 0);
}

/**
 * Milliseconds until a job of a later version is looked at again: about twice as many each time, up to 4 minutes, and not all at
 * once, because thousands of them must not hold up what can be recorded.
 */
export function newerRetryMs({ attemptsStarted }: Pick<Job, "attemptsStarted">): number {
  return Math.min(RETRY_MS * 2 ** attemptsStarted, NEWER_MS_MAX) * (0.5 + Math.random() / 2);
}
