import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { WorkerMetrics } from "../metrics.ts";

/** Milliseconds between two log lines: a flood of jobs that nobody understands must not fill the log. */
const LOG_MS = 60_000;

/**
 * Counts every job that is kept as failed, logs the first with its reason, and then one line a minute with how many there
 * were. Remembers none of them: the queue does.
 */
export function createFailedJobsReport({
  metrics,
  logger,
  now,
}: {
  metrics: Pick<WorkerMetrics, "failedJobs">;
  logger: Pick<Logger, "error">;
  /** Milliseconds of a clock that only goes forward. */
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
