import { openPool } from "@model-views/db/pool.ts";
import { refuseWrongUrl } from "@model-views/db/refuse-wrong-url.ts";
import { requireRights } from "@model-views/db/rights.ts";
import { probeRecording } from "@model-views/db/views/probe-recording.ts";
import { openAdmin } from "@model-views/shared/admin.ts";
import { atMostEveryPerKey } from "@model-views/shared/at-most-every.ts";
import { parseConfig } from "@model-views/shared/config.ts";
import { endOnDefect } from "@model-views/shared/end-on-defect.ts";
import { createReadiness } from "@model-views/shared/health.ts";
import { closeServer, portOf } from "@model-views/shared/http-server.ts";
import { closeOnSignal, SHUTDOWN_DEADLINE_MS } from "@model-views/shared/lifecycle.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { createMetrics } from "@model-views/shared/metrics.ts";
import { connectFailingFast, connectWaiting, settled, takesWrites } from "@model-views/shared/redis.ts";
import { runCommand } from "@model-views/shared/run-command.ts";
import { workerConfigSchema } from "./config.ts";
import { keepHouse } from "./house.ts";
import { houseTasks } from "./house-tasks.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { openRecording } from "./open-recording.ts";
import { jobsWaiting, openQueueView } from "./queue-view.ts";
import { workerReadiness } from "./readiness.ts";
import { watchProgress } from "./watch-progress.ts";

const help = `
npm run worker

Takes views from the queue and records them in PostgreSQL. Configured by the environment alone:
DATABASE_URL and REDIS_URL are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when the batches it holds are recorded.`;

/** A batch takes some 30 ms; one that takes this long is stuck behind a lock. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** What keeps the house may touch many rows; it must not hang for ever either. */
const HOUSE_STATEMENT_TIMEOUT_MS = 15 * 60_000;

/** One line in this time for each kind of problem: while PostgreSQL is away, every batch would have one. */
const LOG_MS = 1_000;

const APPLICATION_NAME = "model-views worker";

await runCommand({
  help,
  async main() {
    const config = parseConfig(workerConfigSchema, process.env);
    const logger = createLogger({ service: "worker", level: config.LOG_LEVEL });
    endOnDefect(logger);
    const database = { databaseUrl: config.DATABASE_URL, schema: config.DATABASE_SCHEMA };
    const postgres = openPool({
      ...database,
      applicationName: APPLICATION_NAME,
      connectionsMax: config.INSERTS_IN_FLIGHT_MAX + 1,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      onError: (error) => logger.error({ err: error }, "PostgreSQL connection lost"),
    });
    await refuseWrongUrl(postgres, "DATABASE_URL");
    const redis = connectWaiting(config.REDIS_URL, logger);
    const statusRedis = connectFailingFast(config.REDIS_URL, logger);
    // Otherwise the first commands would find no connection yet, and fail.
    await settled(statusRedis);
    const queue = openQueueView(statusRedis);
    const registry = createMetrics();
    const metrics = createWorkerMetrics(queue, [registry]);
    const logProblem = atMostEveryPerKey(LOG_MS, (message: string, error: unknown) =>
      logger.error({ err: error }, message),
    );
    const onError = (error: unknown, message: string) => logProblem(message, error);

    const { jobs, breaker, steps, leavesOut } = openRecording({
      limits: config,
      redis,
      postgres,
      probe: () => probeRecording({ ...database, applicationName: `${APPLICATION_NAME} probe` }),
      metrics,
      logger,
      onError,
    });
    const housePool = openPool({
      ...database,
      applicationName: `${APPLICATION_NAME} house`,
      connectionsMax: 1,
      statementTimeoutMs: HOUSE_STATEMENT_TIMEOUT_MS,
      onError: (error) => logger.error({ err: error }, "PostgreSQL connection lost"),
    });
    const leaveHouse = keepHouse({
      redis: statusRedis,
      workerRedis: redis,
      tasks: houseTasks({
        pool: housePool,
        retentionDays: config.RETENTION_DAYS,
        unknownModels: { viewsMax: config.UNKNOWN_MODEL_VIEWS_MAX, days: config.UNKNOWN_MODEL_DAYS },
        now: () => new Date(),
      }),
      mayRun: () => breaker.openBecause() === undefined,
      onDone(task, did) {
        metrics.houseKeptAt.set({ task }, Date.now() / 1_000);
        if (did !== undefined) logger.info({ task, did }, "kept the house");
      },
      onError,
    });
    const progress = watchProgress({
      async jobsDue() {
        // A Redis that refuses writes lets nobody complete a job.
        await takesWrites(statusRedis);
        return jobs.state().inHand + (await jobsWaiting(queue));
      },
      done: () => jobs.state().done + steps(),
      heldBecause: () => breaker.openBecause()?.message,
      timeoutMs: config.PROGRESS_TIMEOUT_SECONDS * 1_000,
      now: () => performance.now(),
      onStuck: (stuckMs) => stop(`no job was done for ${Math.round(stuckMs / 1_000)} s`, { exitCode: 1 }),
    });
    const readiness = createReadiness(
      workerReadiness({
        askPostgres: () => requireRights(postgres),
        redis: statusRedis,
        breaker,
        progress,
        failedJobs: () => queue.getFailedCount(),
        leavesOut,
      }),
    );
    requireRights(postgres).catch((error: unknown) => onError(error, "PostgreSQL does not let us work"));
    // A worker serves nobody but its operators.
    const admin = await openAdmin(
      { readiness, metrics: registry, logger },
      { host: config.ADMIN_HOST, port: config.WORKER_PORT, setting: "WORKER_PORT" },
    );

    const stop = closeOnSignal(
      [
        ["progress", () => progress.stop()],
        ["jobs", () => jobs.close()],
        ["house", () => leaveHouse()],
        ["breaker", () => breaker.stop()],
        ["admin", () => closeServer(admin)],
        ["queue", () => queue.close()],
        ["redis", () => [redis.disconnect(), statusRedis.disconnect()]],
        ["postgres", () => Promise.all([postgres.end(), housePool.end()])],
      ],
      { logger, deadlineMs: SHUTDOWN_DEADLINE_MS },
    );
    // Last, because whoever reads this may ask it to stop.
    logger.info({ port: portOf(admin), adminPort: portOf(admin) }, "listening");
  },
});
