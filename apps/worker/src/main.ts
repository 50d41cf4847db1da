import { openAdmin } from "@model-views/shared/http/admin.ts";
import { namedKeys } from "@model-views/shared/http/api-keys.ts";
import { checkUntilReady } from "@model-views/shared/http/health.ts";
import { closeServer, portOf } from "@model-views/shared/http/http-server.ts";
import { publishStatus } from "@model-views/shared/queue/service-status.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { watchLifecycle } from "@model-views/shared/runtime/lifecycle.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import manifest from "../package.json" with { type: "json" };
import { startWorker } from "./app.ts";
import { workerConfigSchema } from "./config.ts";
import { openStores } from "./open-stores.ts";
import { publicSettings } from "./public-settings.ts";
import { bullBoard } from "./queue/bull-board.ts";

const help = `
npm run worker

Takes views from the queue and records them in PostgreSQL. Configured by the environment alone:
DATABASE_URL and REDIS_URL are needed, .env.example explains these and the others.
Ends on SIGTERM or SIGINT, when the batches that it has taken are recorded.`;

await runCommand({
  help,
  async main() {
    const config = parseConfig(workerConfigSchema, process.env);
    const logger = createLogger({ service: "worker", level: config.LOG_LEVEL });
    const lifecycle = watchLifecycle(logger);
    const registry = createMetrics();
    const stores = await openStores(config, logger);
    const { readiness, closingSteps } = startWorker(config, {
      stores,
      registry,
      logger,
      onStuck: (stuckMs) => close(`no job was done for ${Math.round(stuckMs / 1_000)} s`, { exitCode: 1 }),
    });
    // The worker has no public port.
    const more = bullBoard({
      queue: stores.queue,
      adminKeys: namedKeys(config.ADMIN_KEYS).map(({ key }) => key),
      isDevelopment: config.NODE_ENV === "development",
    });
    const admin = await openAdmin(
      { readiness, metrics: registry, logger, more },
      { host: config.ADMIN_HOST, port: config.WORKER_PORT, setting: "WORKER_PORT" },
    );

    const stopChecking = checkUntilReady(readiness);

    const stopStatus = publishStatus({
      service: "worker",
      version: manifest.version,
      settings: publicSettings(config),
      counts: {
        recordedViews: "model_views_worker_views_total",
        failedJobs: "model_views_worker_failed_jobs_total",
      },
      ...{ redis: stores.statusRedis, readiness, registry, logger },
    });

    const close = lifecycle.closeWith([
      ["status", stopStatus],
      ["readiness", stopChecking],
      ...closingSteps,
      ["admin", () => closeServer(admin)],
      ["queue", () => stores.queue.close()],
      ["redis", () => [stores.redis.disconnect(), stores.statusRedis.disconnect()]],
      ["postgres", () => stores.postgres.end()],
    ]);
    // Last, because a program that waits for this line may stop the service at once.
    logger.info({ port: portOf(admin), adminPort: portOf(admin) }, "listening");
  },
});
