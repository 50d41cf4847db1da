import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { WorkerMetrics } from "../metrics.ts";

/** Milliseconds between log lines, so that a flood of unreadable jobs does not fill the log. */
const LOG_MS = 60_000;

/**
 * Counts every job that is kept as failed. Logs the first with its reason, and then one line a minute with their number.
 * Remembers no job, because the queue does.
 */
export function createFailedJobsReport({
  metrics,
  logger,
  now,
}: {
  metrics: Pick<WorkerMetrics, "failedJobs">;
  logger: Pick<Logger, "error">;
  /** Milliseconds of a monotonic clock. */
  now: () => number;
}): (jobId: string, reason: string) => void {
  let loggedAt = Number.NEGATIVE_INFINITY;
  let jobs = 0;
  return (jobId, reason) => {
    metrics.failedJobs.inc();
    jobs += 1;
    if (now() - loggedAt < LOG_MS) return;
    logger.error({ jobs, jobId, reason }, "jobs failed and are kept; npm run failed-jobs says which");
    loggedAt = now();
    jobs = 0;
  };
}
