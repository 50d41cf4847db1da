import { refuseWrongUrl } from "@model-views/db/postgres/connect.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import { connectFailingFast, connectWaiting, settled } from "@model-views/shared/queue/redis.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { WorkerConfig } from "./config.ts";
import { openQueueStatus } from "./queue/queue-status.ts";

/** A batch takes about 30 ms. One that takes this long is stuck behind a lock. */
const STATEMENT_TIMEOUT_MS = 10_000;

export const APPLICATION_NAME = "model-views worker";

/** Where PostgreSQL is, and the schema of our tables. */
export type Database = { databaseUrl: string; schema: string };

/** The stores of the worker. */
export type Stores = {
  database: Database;
  postgres: ReturnType<typeof openPool>;
  /** For jobs: waits while Redis is away. */
  redis: Redis;
  /** For everything else: fails at once while Redis is away. */
  statusRedis: Redis;
  queue: Queue;
};

/**
 * Opens PostgreSQL, Redis and the queue. Does not fail if one of them is away.
 *
 * @throws {ConfigError} when `DATABASE_URL` can never work.
 */
export async function openStores(config: WorkerConfig, logger: Logger): Promise<Stores> {
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
  return { database, postgres, redis, statusRedis, queue: openQueueStatus(statusRedis) };
}
