import { Redis } from "ioredis";

const ANSWER_MS_MAX = 2_000;
const RECONNECT_MS = 100;

/** A connection that fails at once while Redis is away, and is back soon after it. */
export function observeRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS_MAX,
    connectTimeout: ANSWER_MS_MAX,
    socketTimeout: ANSWER_MS_MAX,
    retryStrategy: () => RECONNECT_MS,
  });
  redis.on("error", () => {});
  return redis;
}
