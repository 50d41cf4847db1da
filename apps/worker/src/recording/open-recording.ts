import { failureOf } from "@model-views/db/postgres/failure.ts";
import type { openPool } from "@model-views/db/postgres/pool.ts";
import { type AccountedJob, accountJobs } from "@model-views/db/recording/account-jobs.ts";
import { type RecordedViews, recordViews } from "@model-views/db/recording/record-views.ts";
import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import { countUnknown } from "@model-views/db/rejected/trim-unknown.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/contracts/views.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { Redis } from "ioredis";
import type { WorkerMetrics } from "../metrics.ts";
import { createFailedJobsReport } from "../queue/failed-jobs-report.ts";
import { createRecorder, failureText } from "./batch-recorder.ts";
import { type Breaker, createBreaker } from "./circuit-breaker.ts";
import { type RecordingJobs, recordJobs } from "./record-jobs.ts";
import { createUnknownModelLimit } from "./unknown-model-limit.ts";

export type OpenRecordingOptions = {
  limits: {
    VIEWS_IN_FLIGHT_MAX: number;
    JOBS_IN_FLIGHT_MAX: number;
    INSERT_VIEWS_MAX: number;
    INSERTS_IN_FLIGHT_MAX: number;
    UNKNOWN_MODEL_VIEWS_MAX: number;
  };
  /** For the jobs. It must wait while Redis is away. */
  redis: Redis;
  postgres: ReturnType<typeof openPool>;
  /** Resolves when views can be recorded. */
  probe: () => Promise<void>;
  metrics: WorkerMetrics;
  logger: Logger;
  onError: (error: unknown, message: string) => void;
};

export type Recording = {
  jobs: RecordingJobs;
  breaker: Breaker;
  /** Number of statements that stored or rejected views, or found bad ones. A batch of bad views takes many. */
  steps: () => number;
  /** Whether views of unknown models were dropped lately, because more came than are kept. */
  isDropping: () => boolean;
};

/** Takes jobs from the queue and records their views, with one circuit breaker for all of them. */
export function openRecording(options: OpenRecordingOptions): Recording {
  const { limits, redis, postgres, probe, metrics, logger, onError } = options;
  let steps = 0;
  const unknownModelLimit = createUnknownModelLimit({
    viewsMax: limits.UNKNOWN_MODEL_VIEWS_MAX,
    count: () => countUnknown(postgres),
    now: () => performance.now(),
  });
  const breaker = createBreaker({
    probe,
    failureOf,
    onOpen(failure) {
      jobs.pause();
      logger.error({ reason: failureText(failure), kind: failure.kind }, "recording pauses, nothing is lost");
    },
    onClose() {
      jobs.resume();
      logger.info("recording goes on");
    },
  });
  const jobs = recordJobs({
    redis,
    inFlight: { viewsMax: limits.VIEWS_IN_FLIGHT_MAX, jobsMax: limits.JOBS_IN_FLIGHT_MAX },
    record: createRecorder({
      record: (views, accounts) => step(recordWithinLimit(views, accounts)),
      account: (accounts, recorded) => accountJobs(postgres, accounts, recorded),
      reject: (view, why) => step(rejectView(postgres, view, why)),
      insertViewsMax: limits.INSERT_VIEWS_MAX,
      insertsInFlightMax: limits.INSERTS_IN_FLIGHT_MAX,
      // Never refused: jobs are limited when they are taken, and a job that ends is replaced by the next one.
      viewsWaitingMax: limits.VIEWS_IN_FLIGHT_MAX + limits.JOBS_IN_FLIGHT_MAX * BATCH_VIEWS_MAX,
      metrics,
      logger,
    }),
    onRecorded: (lagMs) => metrics.lagSeconds.observe(Math.max(0, lagMs) / 1_000),
    canRecord: () => breaker.openBecause() === undefined,
    onUnrecorded(error) {
      onError(error, "could not record a batch, it is tried again");
      breaker.open(failureOf(error));
    },
    onFailed: createFailedJobsReport({ metrics, logger, now: () => performance.now() }),
    onError,
  });
  return { jobs, breaker, steps: () => steps, isDropping: unknownModelLimit.droppedLately };

  async function recordWithinLimit(
    views: readonly ViewEvent[],
    accounts: readonly AccountedJob[],
  ): Promise<RecordedViews> {
    const recorded = await recordViews(postgres, views, unknownModelLimit.current(), accounts);
    unknownModelLimit.used(recorded.rejected, recorded.unkept);
    return recorded;
  }

  async function step<Result>(work: Promise<Result>): Promise<Result> {
    try {
      const result = await work;
      steps += 1;
      return result;
    } catch (error) {
      if (failureOf(error).kind === "data") steps += 1;
      throw error;
    }
  }
}
