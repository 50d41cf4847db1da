import { randomUUID } from "node:crypto";
import { cancelStatements } from "@model-views/db/postgres/cancel-statements.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import type { RedisInfo } from "@model-views/shared/queue/redis-info.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { WorkerConfig } from "../config.ts";
import type { WorkerMetrics } from "../metrics.ts";
import { APPLICATION_NAME, type Stores } from "../open-stores.ts";
import { rewriteAof } from "./rewrite-aof.ts";
import { type Maintenance, scheduleMaintenance } from "./schedule.ts";
import { maintenanceTasks } from "./tasks.ts";

/** Maintenance may touch many rows, but it must not hang for ever either. */
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

export type StartMaintenanceOptions = {
  stores: Stores;
  metrics: WorkerMetrics;
  logger: Logger;
  /** Asks Redis about its append-only file. */
  redisInfo: () => Promise<RedisInfo>;
  /** While it returns false, no task is started. */
  mayRun: () => boolean;
  onError: (error: unknown, message: string) => void;
};

/**
 * Runs the maintenance tasks at their times, on a separate connection.
 *
 * Stopping starts no more tasks, cancels the statement of the running one and closes the connection.
 */
export function startMaintenance(config: WorkerConfig, options: StartMaintenanceOptions): Maintenance {
  const { stores, metrics, logger, redisInfo, mayRun, onError } = options;
  // Unique to this process, because its statements are cancelled by this name.
  const applicationName = `${APPLICATION_NAME} maintenance ${randomUUID().slice(0, 8)}`;
  const pool = openPool({
    ...stores.database,
    applicationName,
    connectionsMax: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: (error) => logger.error({ err: error }, "PostgreSQL connection lost"),
  });
  const schedule = scheduleMaintenance({
    redis: stores.statusRedis,
    tasks: maintenanceTasks({
      pool,
      retentionDays: config.RETENTION_DAYS,
      unknownModels: { viewsMax: config.UNKNOWN_MODEL_VIEWS_MAX, days: config.UNKNOWN_MODEL_DAYS },
      now: () => new Date(),
      rewriteAof: () => rewriteAof({ redis: stores.statusRedis, info: redisInfo }),
    }),
    mayRun,
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
  return {
    failures: schedule.failures,
    async stop() {
      const closed = pool.end();
      const ended = schedule.stop();
      await cancelStatements(stores.postgres, { applicationName, ended });
      await Promise.all([ended, closed]);
    },
  };
}
