import type { Failure } from "@model-views/db/postgres/failure.ts";
import type { RecordedViews } from "@model-views/db/recording/record-views.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { createBatcher } from "@model-views/shared/runtime/batcher.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import type { WorkerMetrics } from "../metrics.ts";
import { type RecordEachDeps, recordEach } from "./record-each.ts";

/** One line in this time, with how many there were since the last: strangers can send what is rejected. */
const REJECTED_LOG_MS = 60_000;

export type RecorderOptions = RecordEachDeps & {
  insertViewsMax: number;
  insertsInFlightMax: number;
  viewsWaitingMax: number;
  metrics: WorkerMetrics;
  logger: Logger;
};

/**
 * Gathers the views of jobs that wait together into INSERTs, and counts what becomes of them. Resolves when the views
 * are committed, or rejected for good.
 */
export function createRecorder(options: RecorderOptions): (views: ViewEvent[]) => Promise<void> {
  const { insertViewsMax, insertsInFlightMax, viewsWaitingMax, metrics, logger } = options;
  let since = { rejected: 0, unkept: 0 };
  const tellOfRejected = throttle(REJECTED_LOG_MS, () => {
    const { rejected, unkept } = since;
    since = { rejected: 0, unkept: 0 };
    if (unkept === 0) logger.warn({ rejected }, "views are rejected; rejected_views says why");
    else
      logger.warn(
        { rejected, unkept },
        "views are rejected, and more name models that do not exist than are kept: see UNKNOWN_MODEL_VIEWS_MAX",
      );
  });
  const batcher = createBatcher<ViewEvent[]>({
    async write(groups) {
      const views = groups.flat();
      const stopTimer = metrics.insertSeconds.startTimer();
      const recorded = await recordEach(views, options);
      stopTimer();
      metrics.insertViews.observe(views.length);
      count(recorded);
    },
    weigh: (views) => views.length,
    weightMax: insertViewsMax,
    inFlightMax: insertsInFlightMax,
    weightWaitingMax: viewsWaitingMax,
  });

  function count({ inserted, duplicates, rejected, unkept, erased }: RecordedViews): void {
    metrics.recorded.inc({ result: "inserted" }, inserted);
    metrics.recorded.inc({ result: "duplicate" }, duplicates);
    metrics.recorded.inc({ result: "rejected" }, rejected);
    metrics.recorded.inc({ result: "unkept" }, unkept);
    metrics.recorded.inc({ result: "erased" }, erased);
    since.rejected += rejected;
    since.unkept += unkept;
    if (since.rejected + since.unkept > 0) tellOfRejected();
  }

  return batcher.add;
}

/** What operators read of a failure. */
export function inWords({ sqlstate, message }: Failure): string {
  return sqlstate === undefined ? message : `${message} (SQLSTATE ${sqlstate})`;
}
