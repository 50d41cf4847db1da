import { openPool } from "@model-views/db/pool.ts";
import { recordViews } from "@model-views/db/views/record-views.ts";
import { atMostEveryPerKey } from "@model-views/shared/at-most-every.ts";
import { createBatcher } from "@model-views/shared/batcher.ts";
import { listenHost, parseConfig } from "@model-views/shared/config.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http-server.ts";
import { closeOnSignal, SHUTDOWN_DEADLINE_MS } from "@model-views/shared/lifecycle.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { createMetrics } from "@model-views/shared/metrics.ts";
import { VIEWS_QUEUE } from "@model-views/shared/queue.ts";
import { connectFailingFast, connectWaiting, takesWrites } from "@model-views/shared/redis.ts";
import { runCommand } from "@model-views/shared/run-command.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/views.ts";
import { Queue } from "bullmq";
import { createWorkerApp } from "./app.ts";
import { workerConfigSchema } from "./config.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { recordJobs } from "./record-jobs.ts";

const help = `
npm run worker

Takes views from the queue and records them in PostgreSQL. Configured by the environment alone:
DATABASE_URL and REDIS_URL are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when the batches it holds are recorded.`;

/** A batch takes some 30 ms; one that takes this long is stuck behind a lock. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** One line in this time for each kind of problem: while PostgreSQL is away, every batch would have one. */
const LOG_MS = 1_000;

await runCommand({
  help,
  async main() {
    const config = parseConfig(workerConfigSchema, process.env);
    const logger = createLogger({ service: "worker", level: config.LOG_LEVEL });
    const postgres = openPool({
      databaseUrl: config.DATABASE_URL,
      applicationName: "model-views worker",
      connectionsMax: config.INSERTS_IN_FLIGHT_MAX + 1,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      onError: (error) => logger.error({ err: error }, "PostgreSQL connection lost"),
    });
    const redis = connectWaiting(config.REDIS_URL, logger);
    const statusRedis = connectFailingFast(config.REDIS_URL, logger);
    const queue = new Queue(VIEWS_QUEUE.name, {
      connection: statusRedis,
      prefix: VIEWS_QUEUE.prefix,
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    queue.on("error", () => {});
    const registry = createMetrics();
    const metrics = createWorkerMetrics(queue, [registry]);

    const batcher = createBatcher<ViewEvent[]>({
      async write(groups) {
        const views = groups.flat();
        const stopTimer = metrics.insertSeconds.startTimer();
        const { inserted, duplicates, rejected } = await recordViews(postgres, views);
        stopTimer();
        metrics.insertViews.observe(views.length);
        metrics.recorded.inc({ result: "inserted" }, inserted);
        metrics.recorded.inc({ result: "duplicate" }, duplicates);
        metrics.recorded.inc({ result: "rejected" }, rejected);
        if (rejected > 0) logger.warn({ rejected }, "views of unknown models are rejected");
      },
      weigh: (views) => views.length,
      weightMax: config.INSERT_VIEWS_MAX,
      inFlightMax: config.INSERTS_IN_FLIGHT_MAX,
      weightWaitingMax: config.JOBS_IN_FLIGHT_MAX * BATCH_VIEWS_MAX,
    });
    const logProblem = atMostEveryPerKey(LOG_MS, (message: string, error: unknown) =>
      logger.error({ err: error }, message),
    );
    const worker = recordJobs({
      redis,
      jobsInFlightMax: config.JOBS_IN_FLIGHT_MAX,
      record: batcher.add,
      onError: (error, message) => logProblem(message, error),
    });
    const readiness = {
      postgres: async () => {
        await postgres.query("select 1");
        return "ok";
      },
      redis: async () => {
        await takesWrites(statusRedis);
        return "ok";
      },
    };
    const server = await listen(createWorkerApp({ logger, metrics: registry, readiness }), {
      host: listenHost(config),
      port: config.WORKER_PORT,
    });

    closeOnSignal(
      [
        ["jobs", () => worker.close()],
        ["http", () => closeServer(server)],
        ["queue", () => queue.close()],
        ["redis", () => [redis.disconnect(), statusRedis.disconnect()]],
        ["postgres", () => postgres.end()],
      ],
      { logger, deadlineMs: SHUTDOWN_DEADLINE_MS },
    );
    // Last, because whoever reads this may ask it to stop.
    logger.info({ port: portOf(server) }, "listening");
  },
});
