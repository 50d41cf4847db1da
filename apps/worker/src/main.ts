import { failureOf } from "@model-views/db/failure.ts";
import { openPool } from "@model-views/db/pool.ts";
import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import { probeRecording } from "@model-views/db/views/probe-recording.ts";
import { recordViews } from "@model-views/db/views/record-views.ts";
import { atMostEveryPerKey } from "@model-views/shared/at-most-every.ts";
import { listenHost, parseConfig } from "@model-views/shared/config.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http-server.ts";
import { closeOnSignal, SHUTDOWN_DEADLINE_MS } from "@model-views/shared/lifecycle.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { createMetrics } from "@model-views/shared/metrics.ts";
import { connectFailingFast, connectWaiting } from "@model-views/shared/redis.ts";
import { runCommand } from "@model-views/shared/run-command.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/views.ts";
import { createWorkerApp } from "./app.ts";
import { createBreaker } from "./breaker.ts";
import { workerConfigSchema } from "./config.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { jobsWaiting, openQueueView } from "./queue-view.ts";
import { workerReadiness } from "./readiness.ts";
import { recordJobs } from "./record-jobs.ts";
import { createRecorder, inWords } from "./recorder.ts";
import { watchProgress } from "./watch-progress.ts";

const help = `
npm run worker

Takes views from the queue and records them in PostgreSQL. Configured by the environment alone:
DATABASE_URL and REDIS_URL are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when the batches it holds are recorded.`;

/** A batch takes some 30 ms; one that takes this long is stuck behind a lock. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** One line in this time for each kind of problem: while PostgreSQL is away, every batch would have one. */
const LOG_MS = 1_000;

const APPLICATION_NAME = "model-views worker";

await runCommand({
  help,
  async main() {
    const config = parseConfig(workerConfigSchema, process.env);
    const logger = createLogger({ service: "worker", level: config.LOG_LEVEL });
    const postgres = openPool({
      databaseUrl: config.DATABASE_URL,
      applicationName: APPLICATION_NAME,
      connectionsMax: config.INSERTS_IN_FLIGHT_MAX + 1,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      onError: (error) => logger.error({ err: error }, "PostgreSQL connection lost"),
    });
    const redis = connectWaiting(config.REDIS_URL, logger);
    const statusRedis = connectFailingFast(config.REDIS_URL, logger);
    const queue = openQueueView(statusRedis);
    const registry = createMetrics();
    const metrics = createWorkerMetrics(queue, [registry]);
    const logProblem = atMostEveryPerKey(LOG_MS, (message: string, error: unknown) =>
      logger.error({ err: error }, message),
    );

    const breaker = createBreaker({
      probe: () =>
        probeRecording({ databaseUrl: config.DATABASE_URL, applicationName: `${APPLICATION_NAME} probe` }),
      failureOf,
      onOpen(failure) {
        jobs.pause();
        logger.error({ reason: inWords(failure), kind: failure.kind }, "recording pauses, nothing is lost");
      },
      onClose() {
        jobs.resume();
        logger.info("recording goes on");
      },
    });
    const jobs = recordJobs({
      redis,
      jobsInFlightMax: config.JOBS_IN_FLIGHT_MAX,
      record: createRecorder({
        record: (views) => recordViews(postgres, views),
        reject: (view, why) => rejectView(postgres, view, why),
        insertViewsMax: config.INSERT_VIEWS_MAX,
        insertsInFlightMax: config.INSERTS_IN_FLIGHT_MAX,
        viewsWaitingMax: config.JOBS_IN_FLIGHT_MAX * BATCH_VIEWS_MAX,
        metrics,
        logger,
      }),
      canRecord: () => breaker.openBecause() === undefined,
      onUnrecorded(error) {
        logProblem("could not record a batch, it is tried again", error);
        breaker.open(failureOf(error));
      },
      onError: (error, message) => logProblem(message, error),
    });
    const progress = watchProgress({
      jobsDue: async () => jobs.state().inHand + (await jobsWaiting(queue)),
      jobsDone: () => jobs.state().done,
      heldBecause: () => breaker.openBecause()?.message,
      timeoutMs: config.PROGRESS_TIMEOUT_SECONDS * 1_000,
      now: () => performance.now(),
      onStuck: (stuckMs) => stop(`no job was done for ${Math.round(stuckMs / 1_000)} s`, { exitCode: 1 }),
    });
    const readiness = workerReadiness({
      askPostgres: () => postgres.query("select 1"),
      redis: statusRedis,
      breaker,
      progress,
    });
    const server = await listen(createWorkerApp({ logger, metrics: registry, readiness }), {
      host: listenHost(config),
      port: config.WORKER_PORT,
    });

    const stop = closeOnSignal(
      [
        ["progress", () => progress.stop()],
        ["jobs", () => jobs.close()],
        ["breaker", () => breaker.stop()],
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
