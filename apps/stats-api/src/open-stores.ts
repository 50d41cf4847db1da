import { connect, type Db, refuseWrongUrl } from "@model-views/db/postgres/connect.ts";
import { connectFailingFast } from "@model-views/shared/queue/redis.ts";
import type { Logger } from "@model-views/shared/runtime/logger.ts";
import type { StatsConfig } from "./config.ts";

/** A question that takes longer is cancelled, and answered with 503. */
const STATEMENT_TIMEOUT_MS = 10_000;

/** Connections for what admins change and for exports, in addition to those for questions. */
const ADMIN_CONNECTIONS_MAX = 3;

/** Milliseconds that Redis has for a cached answer: in this time PostgreSQL can often answer the question. */
const CACHE_TIMEOUT_MS = 100;

/** The stores of the stats API. */
export type Stores = {
  /** For questions: read-only. */
  db: Db;
  /** For what admins change, and for exports. */
  adminDb: Db;
  /** For cached answers; undefined where none are shared. */
  redis: ReturnType<typeof connectFailingFast> | undefined;
  /** For the queue and the status of the services; undefined where it is not known. */
  queueRedis: ReturnType<typeof connectFailingFast> | undefined;
};

/** Opens PostgreSQL and Redis. Connects when first asked. */
export function openStores(config: StatsConfig, logger: Logger): Stores {
  const common = {
    schema: config.DATABASE_SCHEMA,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: (error: Error) => logger.error({ err: error }, "PostgreSQL connection lost"),
  };
  const db = connect({
    ...common,
    databaseUrl: config.STATS_DATABASE_URL ?? config.DATABASE_URL,
    applicationName: "model-views stats-api",
    connectionsMax: config.STATS_CONNECTIONS_MAX,
    readOnly: true,
  });
  const adminDb = connect({
    ...common,
    databaseUrl: config.DATABASE_URL,
    applicationName: "model-views stats-api admin",
    connectionsMax: ADMIN_CONNECTIONS_MAX,
  });
  const redis =
    config.REDIS_URL === undefined || config.STATS_CACHE_SECONDS === 0
      ? undefined
      : connectFailingFast(config.REDIS_URL, logger, { commandTimeoutMs: CACHE_TIMEOUT_MS });
  const queueRedis =
    config.REDIS_URL === undefined ? undefined : connectFailingFast(config.REDIS_URL, logger);
  return { db, adminDb, redis, queueRedis };
}

/**
 * Asks PostgreSQL once. Does not fail where it is away.
 *
 * @throws {UsageError} when a URL can never work; it names the setting.
 */
export async function refuseWrongUrls(config: StatsConfig, { db, adminDb }: Stores): Promise<void> {
  const variable = config.STATS_DATABASE_URL === undefined ? "DATABASE_URL" : "STATS_DATABASE_URL";
  await Promise.all([refuseWrongUrl(db.$client, variable), refuseWrongUrl(adminDb.$client, "DATABASE_URL")]);
}
