import type { Redis } from "ioredis";

/** Which time is it, as Redis says? All processes of a system ask the same clock so. Rejects when Redis does not answer. */
export async function redisTime(redis: Pick<Redis, "time">): Promise<Date> {
  const [seconds, microseconds] = await redis.time();
  return new Date(Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000));
}
