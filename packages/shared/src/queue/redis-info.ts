import type { Redis } from "ioredis";

/** What `INFO` says of a Redis that holds a queue; fields that it does not say, or may not be asked for, are absent. */
export type RedisInfo = {
  usedBytes?: number;
  /** 0: no limit. */
  maxBytes?: number;
  evictionPolicy?: string;
  hasAof?: boolean;
  /** Whether it could write its append-only file the last time. */
  writesAof?: boolean;
  /** Whether it writes its append-only file anew, or is about to. */
  rewritesAof?: boolean;
  /** Whether it could do that the last time. */
  rewroteAof?: boolean;
};

/** Asks Redis. Where its user may not ask that, nothing is known. Rejects when it does not answer in time. */
async function redisFacts(redis: Pick<Redis, "info">): Promise<RedisInfo> {
  try {
    const info = await Promise.all([redis.info("memory"), redis.info("persistence")]);
    return factsOf(info.join("\r\n"));
  } catch (error) {
    if (isForbidden(error)) return {};
    throw error;
  }
}

function factsOf(info: string): RedisInfo {
  const fields = new Map(
    info.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
  const facts: RedisInfo = {};
  const [used, max] = [fields.get("used_memory"), fields.get("maxmemory")];
  const [policy, aof, write] = [
    fields.get("maxmemory_policy"),
    fields.get("aof_enabled"),
    fields.get("aof_last_write_status"),
  ];
  if (used !== undefined) facts.usedBytes = Number(used);
  if (max !== undefined) facts.maxBytes = Number(max);
  if (policy !== undefined) facts.evictionPolicy = policy;
  if (aof !== undefined) facts.hasAof = aof === "1";
  if (write !== undefined) facts.writesAof = write === "ok";
  const [rewrites, scheduled] = ["aof_rewrite_in_progress", "aof_rewrite_scheduled"].map((name) =>
    fields.get(name),
  );
  const rewrote = fields.get("aof_last_bgrewrite_status");
  if (rewrites !== undefined) facts.rewritesAof = rewrites === "1" || scheduled === "1";
  if (rewrote !== undefined) facts.rewroteAof = rewrote === "ok";
  return facts;
}

/** Does Redis refuse a command because its user has no right to it? */
export function isForbidden(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith("NOPERM");
}

export type RedisWatch = {
  /** Asks anew. Rejects when Redis does not answer in time. */
  look(): Promise<RedisInfo>;
  /** What the last look has found; undefined before the first. */
  known(): RedisInfo | undefined;
  /** What the owner of this Redis should know, although it takes views. */
  warnings(): string[];
};

/**
 * Remembers what was found out about a Redis.
 *
 * @param onWarning told of each warning when it begins to hold.
 */
export function watchRedis(redis: Pick<Redis, "info">, onWarning: (warning: string) => void): RedisWatch {
  let facts: RedisInfo | undefined;
  let warnings: string[] = [];
  return {
    async look() {
      facts = await redisFacts(redis);
      const before = warnings;
      warnings = warningsOf(facts);
      for (const warning of warnings) if (!before.includes(warning)) onWarning(warning);
      return facts;
    },
    known: () => facts,
    warnings: () => warnings,
  };
}

function warningsOf({ hasAof, writesAof, evictionPolicy, maxBytes }: RedisInfo): string[] {
  const unknown = [
    ...(hasAof === undefined ? ["whether it writes an append-only file"] : []),
    ...(evictionPolicy === undefined ? ["its maxmemory-policy"] : []),
    ...(maxBytes === undefined ? ["its memory"] : []),
  ];
  return [
    ...(hasAof === false
      ? ["Redis runs without AOF: what waits on the queue is lost when it is killed; set appendonly yes"]
      : []),
    ...(hasAof === true && writesAof === false
      ? ["Redis cannot write its append-only file: look at its disk"]
      : []),
    ...(unknown.length > 0 ? [`unknown of Redis, whose user may not ask INFO: ${unknown.join(", ")}`] : []),
  ];
}
