import type { RedisInfo } from "@model-views/shared/queue/redis-info.ts";

/** Part of Redis' `maxmemory` beyond which ingest spools: what is left is for the worker, which needs room to finish jobs. */
const MEMORY_SHARE_MAX = 0.6;

/** Why the queue should be left alone although Redis answers; undefined when there is no reason that is known. */
export function pressure({ usedBytes = 0, maxBytes = 0, hasAof, writesAof }: RedisInfo): string | undefined {
  if (hasAof === true && writesAof === false) {
    return "Redis cannot write its append-only file (aof_last_write_status: err), so it would forget views";
  }
  if (maxBytes === 0 || usedBytes < maxBytes * MEMORY_SHARE_MAX) return undefined;
  return `Redis uses ${Math.round((usedBytes / maxBytes) * 100)} % of its memory`;
}

/** Why this Redis must not hold views at all; undefined when it may, as far as is known. */
export function wrongPolicy({ evictionPolicy = "noeviction" }: RedisInfo): string | undefined {
  if (evictionPolicy === "noeviction") return undefined;
  return `Redis' maxmemory-policy is ${evictionPolicy}, so it may forget views; set it to noeviction`;
}
