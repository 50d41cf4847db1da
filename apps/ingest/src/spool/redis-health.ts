import type { RedisInfo } from "@model-views/shared/queue/redis-info.ts";

/** Part of Redis' `maxmemory` beyond which ingest spools. The worker needs the rest in order to finish jobs. */
const MEMORY_SHARE_MAX = 0.6;

/** Why the queue should not be used although Redis answers. Undefined when no reason is known. */
export function pressure({ usedBytes = 0, maxBytes = 0, hasAof, writesAof }: RedisInfo): string | undefined {
  if (hasAof === true && writesAof === false) {
    return "Redis cannot write its append-only file (aof_last_write_status: err), so it would forget views";
  }
  if (maxBytes === 0 || usedBytes < maxBytes * MEMORY_SHARE_MAX) return undefined;
  return `Redis uses ${Math.round((usedBytes / maxBytes) * 100)} % of its memory`;
}

/** Why this Redis is unfit to store views. Undefined when it is fit, as far as is known. */
export function wrongPolicy({ evictionPolicy = "noeviction" }: RedisInfo): string | undefined {
  if (evictionPolicy === "noeviction") return undefined;
  return `Redis' maxmemory-policy is ${evictionPolicy}, so it may forget views; set it to noeviction`;
}
