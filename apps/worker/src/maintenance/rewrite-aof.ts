import { isForbidden, type RedisInfo } from "@model-views/shared/queue/redis-info.ts";
import type { Redis } from "ioredis";

export type RewriteAofOptions = {
  redis: Pick<Redis, "bgrewriteaof">;
  facts: () => Promise<RedisInfo>;
};

/**
 * Has Redis rewrite its append-only file, which otherwise still holds whatever was deleted or has expired (views of erased viewers, the
 * salts of days gone by) until it has grown enough. Says what was done; undefined where there is no such file.
 */
export async function rewriteAof({ redis, facts }: RewriteAofOptions): Promise<string | undefined> {
  const { hasAof } = await facts();
  // A Redis without one would begin to write one.
  if (hasAof === false) return undefined;
  if (hasAof === undefined)
    return "Redis does not say whether it has an append-only file, so it is left alone";
  try {
    await redis.bgrewriteaof();
    return "Redis rewrites its append-only file";
  } catch (error) {
    if (isForbidden(error)) return "Redis' user may not have its append-only file rewritten (+bgrewriteaof)";
    // It does so already, or will when a snapshot is made.
    if (error instanceof Error && /in progress|scheduled/.test(error.message)) return error.message;
    throw error;
  }
}
