import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "ioredis";

const LOOK_EVERY_MS = 20;

/**
 * Deletes every key, and rewrites the append-only file, which would grow from turn to turn and be rewritten in the
 * middle of one.
 */
export async function emptyRedis(redis: Redis): Promise<void> {
  await redis.flushdb();
  await rewritten(redis);
  await redis.bgrewriteaof();
  await rewritten(redis);
}

async function rewritten(redis: Redis): Promise<void> {
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info("persistence"))) {
    await pause(LOOK_EVERY_MS);
  }
}
