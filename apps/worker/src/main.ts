import { randomUUID } from "node:crypto";
import { requireRights } from "@model-views/db/migrate/rights.ts";
import { cancelStatements } from "@model-views/db/postgres/cancel-statements.ts";
import { databaseTime } from "@model-views/db/postgres/clocks.ts";
import { refuseWrongUrl } from "@model-views/db/postgres/connect.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import { probeRecording } from "@model-views/db/recording/probe-recording.ts";
import { openAdmin } from "@model-views/shared/http/admin.ts";
import { createReadiness } from "@model-views/shared/http/health.ts";
import { closeServer, portOf } from "@model-views/shared/http/http-server.ts";
import { connectFailingFast, connectWaiting, settled, takesWrites } from "@model-views/shared/queue/redis.ts";
import { redisTime } from "@model-views/shared/queue/redis-clock.ts";
import { watchRedis } from "@model-views/shared/queue/redis-info.ts";
import { mayWork, RightsMissingError } from "@model-views/shared/queue/redis-rights.ts";
import { watchClocks } from "@model-views/shared/runtime/clock-watch.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { endOnUncaught } from "@model-views/shared/runtime/end-on-uncaught.ts";
import { closeOnSignal, SHUTDOWN_DEADLINE_MS } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createMetrics, showClocks } from "@model-views/shared/runtime/metrics.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { throttlePerKey } from "@model-views/shared/runtime/throttle.ts";
import { workerConfigSchema } from "./config.ts";
import { rewriteAof } from "./maintenance/rewrite-aof.ts";
import { scheduleMaintenance } from "./maintenance/schedule.ts";
import { maintenanceTasks } from "./maintenance/tasks.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { watchDelayed } from "./queue/delayed-jobs.ts";
import { jobsWaiting, openQueueView } from "./queue/queue-view.ts";
import { isStoppedScript, watchStranded } from "./queue/stranded-jobs.ts";
import { workerReadiness } from "./readiness.ts";
import { openRecording } from "./recording/open-recording.ts";
import { watchProgress } from "./recording/watch-progress.ts";

const help = `
npm run worker

Takes views from the queue and records them in PostgreSQL. Configured by the environment alone:
DATABASE_URL and REDIS_URL are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when the batches that it holds are recorded.`;

/** A batch takes some 30 ms; one that takes this long is stuck behind a lock. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Maintenance may touch many rows; it must not hang for ever either. */
const MAINTENANCE_STATEMENT_TIMEOUT_MS = 15 * 60_000;

/** One line in this time for each kind of problem: while PostgreSQL is away, every batch would have one. */
const LOG_MS = 1_000;

/** Milliseconds between two looks at how Redis is set up. */
const REDIS_LOOK_MS = 10_000;

const APPLICATION_NAME = "model-views worker";

await runCommand({
  help,
  async main() {
    const config = parseConfig(workerConfigSchema, process.env);
    const logger = createLogger({ service: "worker", level: config.LOG_LEVEL });
    endOnUncaught(logger);
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
    mayWork(statusRedis, "worker").catch((error: unknown) => {
      if (error instanceof RightsMissingError) logger.error(error.message);
    });
    const queue = openQueueView(statusRedis);
    const registry = createMetrics();
    const metrics = createWorkerMetrics(queue, [registry]);
    const logProblem = throttlePerKey(LOG_MS, (message: string, error: unknown) =>
      logger.error({ err: error }, message),
    );
    const stranded = watchStranded({
      redis: statusRedis,
      queue,
      onPutBack(jobs) {
        metrics.putBack.inc(jobs);
        logger.warn({ jobs }, "jobs were on no list, because Redis' user lacked a right: they wait again");
      },
      onError: (error) => logProblem("cannot see which jobs are on no list", error),
    });
    const onError = (error: unknown, message: string) => {
      if (isStoppedScript(error)) stranded.suspect();
      logProblem(message, error);
    };

    const { jobs, breaker, steps, leavesOut } = openRecording({
      limits: config,
      redis,
      postgres,
      probe: () => probeRecording({ ...database, applicationName: `${APPLICATION_NAME} probe` }),
      metrics,
      logger,
      onError,
    });
    const redisWatch = watchRedis(statusRedis, (warning) => logger.warn(warning));
    const lookAtRedis = () => void redisWatch.look().catch(() => {});
    lookAtRedis();
    const looking = setInterval(lookAtRedis, REDIS_LOOK_MS);
    // Of this process alone: what ends its statements finds them by it.
    const maintenanceName = `${APPLICATION_NAME} maintenance ${randomUUID().slice(0, 8)}`;
    const maintenancePool = openPool({
      ...database,
      applicationName: maintenanceName,
      connectionsMax: 1,
      statementTimeoutMs: MAINTENANCE_STATEMENT_TIMEOUT_MS,
      onError: (error) => logger.error({ err: error }, "PostgreSQL connection lost"),
    });
    const maintenance = scheduleMaintenance({
      redis: statusRedis,
      tasks: maintenanceTasks({
        pool: maintenancePool,
        retentionDays: config.RETENTION_DAYS,
        unknownModels: { viewsMax: config.UNKNOWN_MODEL_VIEWS_MAX, days: config.UNKNOWN_MODEL_DAYS },
        now: () => new Date(),
        rewriteAof: () => rewriteAof({ redis: statusRedis, facts: redisWatch.look }),
      }),
      mayRun: () => breaker.openBecause() === undefined,
      onDone(task, did) {
        metrics.maintainedAt.set({ task }, Date.now() / 1_000);
        if (did !== undefined) logger.info({ task, did }, "maintenance");
      },
      onFailed(task, error) {
        metrics.maintenanceFailed.inc({ task });
        onError(error, `${task} failed, and is tried again`);
      },
      onError: (error) => onError(error, "cannot see which maintenance is due"),
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
      canRecord: () => breaker.openBecause() === undefined,
      onPromoted(jobs) {
        metrics.promoted.inc(jobs);
        logger.warn(
          { jobs },
          "jobs were put off for too long, by a clock that is wrong: they wait no longer",
        );
      },
      onError: (error) => onError(error, "cannot see which jobs are put off"),
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
      () => [...redisWatch.warnings(), ...clocks.warnings(), ...maintenance.failures()],
    );
    requireRights(postgres).catch((error: unknown) => onError(error, "PostgreSQL does not let us work"));
    // A worker serves nobody but its operators.
    const admin = await openAdmin(
      { readiness, metrics: registry, logger },
      { host: config.ADMIN_HOST, port: config.WORKER_PORT, setting: "WORKER_PORT" },
    );

    const stop = closeOnSignal(
      [
        [
          "progress",
          () => [progress.stop(), clocks.stop(), stopDelayed(), stranded.stop(), clearInterval(looking)],
        ],
        // First, because recording may wait for its locks. Its pool begins nothing any more, and what it does is cancelled.
        ["maintenance", () => stopMaintenance()],
        ["jobs", () => jobs.close()],
        ["breaker", () => breaker.stop()],
        ["admin", () => closeServer(admin)],
        ["queue", () => queue.close()],
        ["redis", () => [redis.disconnect(), statusRedis.disconnect()]],
        ["postgres", () => postgres.end()],
      ],
      { logger, deadlineMs: SHUTDOWN_DEADLINE_MS },
    );
    async function stopMaintenance(): Promise<void> {
      const closed = maintenancePool.end();
      const ended = maintenance.stop();
      await cancelStatements(postgres, { applicationName: maintenanceName, ended });
      await Promise.all([ended, closed]);
    }

    // Last, because whoever reads this may ask it to stop.
    logger.info({ port: portOf(admin), adminPort: portOf(admin) }, "listening");
  },
});
