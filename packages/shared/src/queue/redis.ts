import { Redis, type RedisOptions } from "ioredis";
import { VIEWS_QUEUE } from "../contracts/views-queue.ts";
import type { Logger } from "../runtime/logger.ts";

/** A command that Redis did not answer within this time has failed; it may still have run. */
const COMMAND_TIMEOUT_MS = 1_000;
/**
 * A connection on which an answer has been due for this long is dead, though nobody has said so (a cut cable, a
 * firewall that forgot): it is closed, and a new one opened. The longer one is for a worker, which waits up to 10 s
 * for a job.
 */
const DEAD_AFTER_MS = 3_000;
const DEAD_WHILE_BLOCKING_AFTER_MS = 15_000;
const RECONNECT_MS_MAX = 1_000;

const reconnect: Required<Pick<RedisOptions, "retryStrategy">> = {
  retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_MS_MAX),
};

/**
 * A connection that fails at once instead of waiting: while Redis is away each command rejects immediately, and
 * one that Redis does not answer rejects after 1 s, or another time. It goes on reconnecting for ever.
 */
export function connectFailingFast(
  url: string,
  logger: Logger,
  { commandTimeoutMs = COMMAND_TIMEOUT_MS }: { commandTimeoutMs?: number } = {},
): Redis {
  const redis = new Redis(url, {
    ...reconnect,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: DEAD_AFTER_MS,
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
  const redis = new Redis(url, {
    ...reconnect,
    maxRetriesPerRequest: null,
    socketTimeout: DEAD_WHILE_BLOCKING_AFTER_MS,
  });
  logConnection(redis, logger);
  return redis;
}

/** Texts by key, which Redis forgets by itself after so many milliseconds; null is none. */
export function textsOf(redis: Redis) {
  return {
    get: (key: string) => redis.get(key),
    set: (key: string, text: string, ttlMs: number) => redis.set(key, text, "PX", ttlMs),
  };
}

/** A key that is written to see whether Redis takes writes, and how long it stays. */
export const PROBE_KEY = `${VIEWS_QUEUE.prefix}:probe`;
const PROBE_KEY_SECONDS = 60;

/** Rejects unless Redis takes writes: a replica answers questions and refuses views, and so does one that is full. */
export async function takesWrites(redis: Redis): Promise<void> {
  if (redis.status !== "ready") throw new Error("there is no connection to Redis");
  await redis.set(PROBE_KEY, "1", "EX", PROBE_KEY_SECONDS);
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
