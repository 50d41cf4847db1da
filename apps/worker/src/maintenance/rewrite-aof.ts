import { isForbidden, type RedisInfo } from "@model-views/shared/queue/redis-info.ts";
import type { Redis } from "ioredis";

export type RewriteAofOptions = {
  redis: Pick<Redis, "bgrewriteaof">;
  info: () => Promise<RedisInfo>;
};

/**
 * Makes Redis rewrite its append-only file. Until it has grown enough, the file would otherwise still contain what was
 * deleted or has expired: views of erased viewers, past salts. Returns what was done; undefined if there is no such file.
 */
export async function rewriteAof({ redis, info }: RewriteAofOptions): Promise<string | undefined> {
  const { hasAof } = await info();
  // This would turn the file on.
  if (hasAof === false) return undefined;
  if (hasAof === undefined)
    return "Redis does not say whether it has an append-only file, so it is left alone";
  try {
    await redis.bgrewriteaof();
    return "Redis rewrites its append-only file";
  } catch (error) {
    if (isForbidden(error)) return "Redis' user may not have its append-only file rewritten (+bgrewriteaof)";
    // A rewrite is running, or starts after the current snapshot.
    if (error instanceof Error && /in progress|scheduled/.test(error.message)) return error.message;
    throw error;
  }
}
