import type { Redis } from "ioredis";

/** Part of Redis' `maxmemory` beyond which ingest spools: what is left is for the worker, which needs room to finish jobs. */
const MEMORY_SHARE_MAX = 0.6;

/** What `INFO` says of a Redis that holds a queue. */
export type RedisFacts = {
  usedBytes: number;
  /** 0: no limit. */
  maxBytes: number;
  evictionPolicy: string;
  hasAof: boolean;
};

/** Asks Redis. Rejects when it does not answer in time. */
export async function redisFacts(redis: Redis): Promise<RedisFacts> {
  const info = await Promise.all([redis.info("memory"), redis.info("persistence")]);
  const fields = new Map(
    info
      .join("\r\n")
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
  return {
    usedBytes: Number(fields.get("used_memory") ?? 0),
    maxBytes: Number(fields.get("maxmemory") ?? 0),
    evictionPolicy: fields.get("maxmemory_policy") ?? "unknown",
    hasAof: fields.get("aof_enabled") === "1",
  };
}

/** Why the queue should be left alone although Redis answers; undefined when there is no reason. */
export function memoryPressure({ usedBytes, maxBytes }: RedisFacts): string | undefined {
  if (maxBytes === 0 || usedBytes < maxBytes * MEMORY_SHARE_MAX) return undefined;
  return `Redis uses ${Math.round((usedBytes / maxBytes) * 100)} % of its memory`;
}

/** Why this Redis must not hold views at all; undefined when it may. */
export function wrongPolicy({ evictionPolicy }: RedisFacts): string | undefined {
  if (evictionPolicy === "noeviction" || evictionPolicy === "unknown") return undefined;
  return `Redis' maxmemory-policy is ${evictionPolicy}, so it may forget views; set it to noeviction`;
}
