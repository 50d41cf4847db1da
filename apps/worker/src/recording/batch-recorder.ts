import type { Failure } from "@model-views/db/postgres/failure.ts";
import type { RecordedViews } from "@model-views/db/recording/record-views.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { createBatcher } from "@model-views/shared/runtime/batcher.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import type { WorkerMetrics } from "../metrics.ts";
import { type RecordBisectingDeps, recordBisecting } from "./record-bisecting.ts";

/** Milliseconds between log lines with the number of rejected views: any client can send such views. */
const REJECTED_LOG_MS = 60_000;

/** The views of one job. With an account, the job is counted as recorded with them. */
export type JobViews = { views: ViewEvent[]; account: string | undefined };

function hasAccount(job: JobViews): job is JobViews & { account: string } {
  return job.account !== undefined;
}

export type RecorderOptions = RecordBisectingDeps & {
  insertViewsMax: number;
  insertsInFlightMax: number;
  viewsWaitingMax: number;
  metrics: WorkerMetrics;
  logger: Logger;
};

/**
 * Gathers the views of waiting jobs into INSERTs, and counts the results. Resolves when the views are committed, or
 * rejected for good.
 */
export function createRecorder(options: RecorderOptions): (job: JobViews) => Promise<void> {
  const { insertViewsMax, insertsInFlightMax, viewsWaitingMax, metrics, logger } = options;
  let since = { rejected: 0, unkept: 0 };
  const logRejected = throttle(REJECTED_LOG_MS, () => {
    const { rejected, unkept } = since;
    since = { rejected: 0, unkept: 0 };
    if (unkept === 0) logger.warn({ rejected }, "views are rejected; rejected_views says why");
    else
      logger.warn(
        { rejected, unkept },
        "views are rejected, and more name models that do not exist than are kept: see UNKNOWN_MODEL_VIEWS_MAX",
      );
  });
  const batcher = createBatcher<JobViews>({
    async write(jobs) {
      // Those of an earlier ingest have no account: in one statement, their outcome could not be told from that of the others.
      for (const group of [jobs.filter(hasAccount), jobs.filter((job) => !hasAccount(job))])
        if (group.length > 0) await recordGroup(group);
    },
    weigh: ({ views }) => views.length,
    weightMax: insertViewsMax,
    inFlightMax: insertsInFlightMax,
    weightWaitingMax: viewsWaitingMax,
  });

  async function recordGroup(jobs: readonly JobViews[]): Promise<void> {
    const views = jobs.flatMap((job) => job.views);
    const accounts = jobs
      .filter(hasAccount)
      .map((job) => ({ account: job.account, views: job.views.length }));
    const stopTimer = metrics.insertSeconds.startTimer();
    const recorded = await recordBisecting(views, accounts, options);
    stopTimer();
    metrics.insertViews.observe(views.length);
    count(recorded);
  }

  function count({ inserted, duplicates, rejected, unkept, erased }: RecordedViews): void {
    metrics.recorded.inc({ result: "inserted" }, inserted);
    metrics.recorded.inc({ result: "duplicate" }, duplicates);
    metrics.recorded.inc({ result: "rejected" }, rejected);
    metrics.recorded.inc({ result: "unkept" }, unkept);
    metrics.recorded.inc({ result: "erased" }, erased);
    since.rejected += rejected;
    since.unkept += unkept;
    if (since.rejected + since.unkept > 0) logRejected();
  }

  return batcher.add;
}

/** A failure as operators read it. */
export function failureText({ sqlstate, message }: Failure): string {
  return sqlstate === undefined ? message : `${message} (SQLSTATE ${sqlstate})`;
}
