import { requireRights } from "@model-views/db/migrate/rights.ts";
import { databaseTime } from "@model-views/db/postgres/clocks.ts";
import { probeRecording } from "@model-views/db/recording/probe-recording.ts";
import { otherZone } from "@model-views/db/reporting-zone/reporting-zone.ts";
import { createReadiness, logFailing, type Readiness } from "@model-views/shared/http/health.ts";
import { redisTime, takesWrites } from "@model-views/shared/queue/redis.ts";
import { type RedisWatch, watchRedis } from "@model-views/shared/queue/redis-info.ts";
import { watchClocks } from "@model-views/shared/runtime/clock-watch.ts";
import type { ClosingStep } from "@model-views/shared/runtime/lifecycle.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import { showClocks } from "@model-views/shared/runtime/metrics.ts";
import { throttlePerKey } from "@model-views/shared/runtime/throttle.ts";
import type { Registry } from "prom-client";
import type { WorkerConfig } from "./config.ts";
import { showDatabase } from "./maintenance/database-metrics.ts";
import { startMaintenance } from "./maintenance/start-maintenance.ts";
import { createWorkerMetrics, type WorkerMetrics } from "./metrics.ts";
import { APPLICATION_NAME, type Stores } from "./open-stores.ts";
import { watchDelayed } from "./queue/delayed-jobs.ts";
import { showQueue } from "./queue/queue-metrics.ts";
import { jobsWaiting } from "./queue/queue-status.ts";
import { isStoppedScript, watchStranded } from "./queue/stranded-jobs.ts";
import { workerReadiness } from "./readiness.ts";
import { openRecording, type Recording } from "./recording/open-recording.ts";
import { type ProgressWatch, watchProgress } from "./recording/watch-progress.ts";

/** At most one log line in this time for each kind of problem: while PostgreSQL is away, every batch has one. */
const LOG_MS = 1_000;

/** Milliseconds between checks of Redis' configuration. */
const REDIS_CHECK_MS = 10_000;

export type WorkerDeps = {
  stores: Stores;
  registry: Registry;
  logger: Logger;
  /** Called once, when jobs wait and none was done for too long. */
  onStuck: (stuckMs: number) => void;
};

export type WorkerApp = {
  readiness: () => Promise<Readiness>;
  /** Stops everything that was started, in this order. The stores stay open. */
  closingSteps: ClosingStep[];
};

/** Starts everything that a worker does: it records jobs, runs maintenance, and watches queue, clocks and progress. */
export function startWorker(config: WorkerConfig, deps: WorkerDeps): WorkerApp {
  const { stores, registry, logger } = deps;
  const { postgres, statusRedis, queue } = stores;
  const metrics = createWorkerMetrics(queue, [registry]);
  showQueue(stores, [registry]);
  showDatabase(stores, [registry]);
  const { onError, stopStranded } = watchForStranded({ stores, metrics, logger });
  const recording = openRecording({
    limits: config,
    redis: stores.redis,
    postgres,
    probe: () => probeRecording({ ...stores.database, applicationName: `${APPLICATION_NAME} probe` }),
    metrics,
    logger,
    onError,
  });
  const canRecord = () => recording.breaker.openBecause() === undefined;
  const redisWatch = watchRedis(statusRedis, (warning) => logger.warn(warning));
  const stopRedisChecks = checkRegularly(redisWatch);
  const maintenance = startMaintenance(config, {
    stores,
    metrics,
    logger,
    redisInfo: redisWatch.look,
    mayRun: canRecord,
    onError,
  });
  const clocks = watchClocks({
    clocks: { Redis: () => redisTime(statusRedis), PostgreSQL: () => databaseTime(postgres) },
    now: () => new Date(),
    onWrong: (warning) => logger.error(warning),
  });
  showClocks(clocks, [registry]);
  const stopDelayed = watchDelayed({
    redis: statusRedis,
    queue,
    canRecord,
    onPromoted(jobs) {
      metrics.promoted.inc(jobs);
      logger.warn({ jobs }, "jobs were delayed for too long by a wrong clock: they wait no longer");
    },
    onError: (error) => onError(error, "cannot see which jobs are delayed"),
  });
  const progress = watchRecording(config, { recording, stores, onStuck: deps.onStuck });

  return {
    readiness: createReadiness(
      workerReadiness({
        askPostgres: () => requireRights(postgres),
        redis: statusRedis,
        breaker: recording.breaker,
        progress,
        failedJobs: () => queue.getFailedCount(),
        isDropping: recording.isDropping,
        otherZone: () => otherZone(postgres, config.REPORTING_TIME_ZONE),
      }),
      () => [...redisWatch.warnings(), ...clocks.warnings(), ...maintenance.failures()],
      logFailing(logger),
    ),
    closingSteps: [
      ["progress", () => [progress.stop(), clocks.stop(), stopDelayed(), stopStranded(), stopRedisChecks()]],
      // Before the jobs, because recording may wait for locks of maintenance.
      ["maintenance", () => maintenance.stop()],
      ["jobs", () => recording.jobs.close()],
      ["breaker", () => recording.breaker.stop()],
    ],
  };
}

type OnError = (error: unknown, message: string) => void;

/** Searches for stranded jobs whenever an error shows that there may be some. Other errors are only logged. */
function watchForStranded({
  stores,
  metrics,
  logger,
}: {
  stores: Stores;
  metrics: WorkerMetrics;
  logger: Logger;
}): { onError: OnError; stopStranded: () => void } {
  const logProblem = throttlePerKey(LOG_MS, (message: string, error: unknown) =>
    logger.error({ err: error }, message),
  );
  const stranded = watchStranded({
    redis: stores.statusRedis,
    queue: stores.queue,
    onPutBack(jobs) {
      metrics.putBack.inc(jobs);
      logger.warn({ jobs }, "jobs were on no list, because Redis' user lacked a right: they wait again");
    },
    onError: (error) => logProblem("cannot see which jobs are on no list", error),
  });
  return {
    onError(error, message) {
      if (isStoppedScript(error)) stranded.suspect();
      logProblem(message, error);
    },
    stopStranded: stranded.stop,
  };
}

/** Watches whether jobs are done while there are any. */
function watchRecording(
  config: WorkerConfig,
  { recording, stores, onStuck }: { recording: Recording; stores: Stores; onStuck: (ms: number) => void },
): ProgressWatch {
  const { jobs, breaker, steps } = recording;
  return watchProgress({
    async jobsDue() {
      // No worker can complete a job while Redis refuses writes.
      await takesWrites(stores.statusRedis);
      return jobs.state().running + (await jobsWaiting(stores.queue));
    },
    done: () => jobs.state().done + steps(),
    pausedBecause: () => breaker.openBecause()?.message,
    timeoutMs: config.PROGRESS_TIMEOUT_SECONDS * 1_000,
    now: () => performance.now(),
    onStuck,
  });
}

/** Checks Redis now and every few seconds. Returns a function that stops it. */
function checkRegularly(redisWatch: RedisWatch): () => void {
  // While Redis is away there is nothing to see, and its connection reports that.
  const check = () => void redisWatch.look().catch(() => {});
  check();
  const timer = setInterval(check, REDIS_CHECK_MS);
  return () => clearInterval(timer);
}
