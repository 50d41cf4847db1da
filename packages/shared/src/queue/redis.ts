import { Redis, type RedisOptions } from "ioredis";
import { VIEWS_QUEUE } from "../contracts/views-queue.ts";
import type { Logger } from "../runtime/logger.ts";

/** Milliseconds until a command without an answer has failed; it may still have run. */
const COMMAND_TIMEOUT_MS = 1_000;
/**
 * Milliseconds without an expected answer after which a connection is dead, although nothing closed it (a cut cable, a
 * firewall that dropped it). It is closed and a new one is opened. The longer time is for a worker, which waits up to 10 s
 * for a job.
 */
const DEAD_AFTER_MS = 3_000;
const DEAD_WHILE_BLOCKING_AFTER_MS = 15_000;
const RECONNECT_MS_MAX = 1_000;

const reconnect: Required<Pick<RedisOptions, "retryStrategy">> = {
  retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_MS_MAX),
};

/**
 * Opens a connection that fails instead of waiting. While Redis is away each command rejects at once, and a command that
 * Redis does not answer rejects after 1 s, or `commandTimeoutMs`. It keeps reconnecting for ever.
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
  requireDatabase(redis);
  return redis;
}

/**
 * Resolves when a new connection is ready, or has failed for the first time, or twice where it only took too long. Never
 * rejects.
 */
export function settled(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    if (redis.status === "ready") return resolve();
    let attempts = 0;
    function closed(): void {
      attempts += 1;
      if (attempts > 1 || !isTimeout(lastErrors.get(redis))) over();
    }
    function over(): void {
      redis.off("ready", over).off("end", over).off("close", closed);
      resolve();
    }
    redis.on("ready", over).on("end", over).on("close", closed);
  });
}

/**
 * Did an attempt to connect take too long? That alone does not mean that Redis is away: a process that is busy for that long, as at
 * its start on a busy machine, finds its timers due before it reads an answer that has arrived.
 */
function isTimeout(error: (Error & { code?: unknown }) | undefined): boolean {
  return error?.code === "ETIMEDOUT" || error?.message === "Command timed out";
}

/** Opens a connection for a BullMQ worker: its blocking commands wait while Redis is away. */
export function connectWaiting(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    ...reconnect,
    maxRetriesPerRequest: null,
    socketTimeout: DEAD_WHILE_BLOCKING_AFTER_MS,
  });
  logConnection(redis, logger);
  requireDatabase(redis);
  return redis;
}

/** Texts by key, which expire after `ttlMs` milliseconds. Null means that there is none. */
export function textsOf(redis: Redis) {
  return {
    get: (key: string) => redis.get(key),
    set: (key: string, text: string, ttlMs: number) => redis.set(key, text, "PX", ttlMs),
  };
}

/** A key to write in order to check whether Redis accepts writes, and its lifetime. */
export const PROBE_KEY = `${VIEWS_QUEUE.prefix}:probe`;
const PROBE_KEY_SECONDS = 60;

/** Why each connection was lost, or could not be opened, the last time. */
const lastErrors = new WeakMap<Redis, Error>();

/** @throws when there is no connection at the moment; the error has the last reason, such as a wrong password. */
export function requireConnection(redis: Redis): void {
  if (redis.status === "ready") return;
  const reason = lastErrors.get(redis)?.message;
  throw new Error(`there is no connection to Redis${reason === undefined ? "" : `: ${reason}`}`);
}

/** Rejects unless Redis accepts writes. A replica answers reads but refuses views, and so does a Redis that is full. */
export async function takesWrites(redis: Redis): Promise<void> {
  requireConnection(redis);
  await redis.set(PROBE_KEY, "1", "EX", PROBE_KEY_SECONDS);
}

/** The current time by Redis' clock, which all processes of a system share. Rejects when Redis does not answer. */
export async function redisTime(redis: Pick<Redis, "time">): Promise<Date> {
  const [seconds, microseconds] = await redis.time();
  return new Date(Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000));
}

/**
 * Logs one line when the connection is lost and one when it is back, instead of one per attempt. An attempt that took too long
 * counts only if the next one fails as well.
 */
function logConnection(redis: Redis, logger: Logger): void {
  let lost = false;
  let isFirst = true;
  let hasTimedOut = false;
  redis.on("connecting", () => {
    isFirst = true;
  });
  redis.on("error", (error: Error) => {
    // Further errors of an attempt to connect follow from its first.
    if (!isFirst) return;
    isFirst = false;
    lastErrors.set(redis, error);
    if (!hasTimedOut && isTimeout(error)) {
      hasTimedOut = true;
      return;
    }
    if (!lost) logger.error({ err: error }, "Redis is away");
    lost = true;
  });
  redis.on("ready", () => {
    if (lost) logger.info("Redis is back");
    lost = false;
    isFirst = true;
    hasTimedOut = false;
    lastErrors.delete(redis);
  });
}

/**
 * Keeps a connection from being used while the database of its URL is refused: a number that Redis does not have, or a user without
 * the right. ioredis reports that and then goes on in database 0, which may be another installation's.
 */
function requireDatabase(redis: Redis): void {
  redis.on("error", (error: Error & { command?: { name: string } }) => {
    if (error.command?.name !== "select") return;
    redis.disconnect(true);
    // Otherwise ioredis goes on with its ready check, and queues one for each attempt.
    redis.status = "close";
  });
  // BullMQ's workers wait for jobs on a copy.
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (options) => {
    const copy = duplicate(options);
    requireDatabase(copy);
    return copy;
  };
}
