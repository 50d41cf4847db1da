import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "./logger.ts";

/** A command that Redis did not answer within this time has failed; it may still have run. */
const COMMAND_TIMEOUT_MS = 1_000;
const RECONNECT_MS_MAX = 1_000;

const reconnect: Required<Pick<RedisOptions, "retryStrategy">> = {
  retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_MS_MAX),
};

/**
 * A connection that fails at once instead of waiting: while Redis is away each command rejects immediately, and
 * one that Redis does not answer rejects after 1 s. It goes on reconnecting for ever.
 */
export function connectFailingFast(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    ...reconnect,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
  });
  logConnection(redis, logger);
  return redis;
}

/** Resolves when a new connection is ready, or has failed for the first time. Never rejects. */
export function settled(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    if (redis.status === "ready") return resolve();
    redis.once("ready", resolve);
    redis.once("close", resolve);
  });
}

/** A connection for a BullMQ worker, whose blocking commands wait for as long as Redis is away. */
export function connectWaiting(url: string, logger: Logger): Redis {
  const redis = new Redis(url, { ...reconnect, maxRetriesPerRequest: null });
  logConnection(redis, logger);
  return redis;
}

/** One line when the connection is lost and one when it is back, instead of one for each try. */
function logConnection(redis: Redis, logger: Logger): void {
  let lost = false;
  redis.on("error", (error: Error) => {
    if (!lost) logger.error({ err: error }, "Redis is away");
    lost = true;
  });
  redis.on("ready", () => {
    if (lost) logger.info("Redis is back");
    lost = false;
  });
}
