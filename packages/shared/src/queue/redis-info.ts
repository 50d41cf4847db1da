import type { Redis } from "ioredis";

/** The part of `INFO` that matters for a queue. Values that Redis does not give, or that its user may not read, are absent. */
export type RedisInfo = {
  usedBytes?: number;
  /** 0: no limit. */
  maxBytes?: number;
  evictionPolicy?: string;
  hasAof?: boolean;
  /** Whether its last write to the append-only file succeeded. */
  writesAof?: boolean;
  /** Whether it is rewriting its append-only file, or is about to. */
  rewritesAof?: boolean;
  /** Whether the last rewrite succeeded. */
  rewroteAof?: boolean;
};

/**
 * Reads `INFO` of Redis. Without the right to do so, everything is unknown. Rejects when Redis does not answer in time.
 */
async function readInfo(redis: Pick<Redis, "info">): Promise<RedisInfo> {
  try {
    const texts = await Promise.all([redis.info("memory"), redis.info("persistence")]);
    return parseInfo(texts.join("\r\n"));
  } catch (error) {
    if (isForbidden(error)) return {};
    throw error;
  }
}

function parseInfo(text: string): RedisInfo {
  const fields = new Map(
    text.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
  const info: RedisInfo = {};
  const [used, max] = [fields.get("used_memory"), fields.get("maxmemory")];
  const [policy, aof, write] = [
    fields.get("maxmemory_policy"),
    fields.get("aof_enabled"),
    fields.get("aof_last_write_status"),
  ];
  if (used !== undefined) info.usedBytes = Number(used);
  if (max !== undefined) info.maxBytes = Number(max);
  if (policy !== undefined) info.evictionPolicy = policy;
  if (aof !== undefined) info.hasAof = aof === "1";
  if (write !== undefined) info.writesAof = write === "ok";
  const [rewrites, scheduled] = ["aof_rewrite_in_progress", "aof_rewrite_scheduled"].map((name) =>
    fields.get(name),
  );
  const rewrote = fields.get("aof_last_bgrewrite_status");
  if (rewrites !== undefined) info.rewritesAof = rewrites === "1" || scheduled === "1";
  if (rewrote !== undefined) info.rewroteAof = rewrote === "ok";
  return info;
}

/** Whether Redis refused a command because its user lacks the right to it. EXEC has another code before it. */
export function isForbidden(error: unknown): error is Error {
  return error instanceof Error && /^(EXECABORT .*)?NOPERM/.test(error.message);
}

export type RedisWatch = {
  /** Asks again. Rejects when Redis does not answer in time. */
  look(): Promise<RedisInfo>;
  /** The result of the last look; undefined before the first. */
  latest(): RedisInfo | undefined;
  /** What the owner of this Redis should know, although Redis takes views. */
  warnings(): string[];
};

/**
 * Remembers the state of a Redis.
 *
 * @param onWarning called when a warning starts to apply.
 */
export function watchRedis(redis: Pick<Redis, "info">, onWarning: (warning: string) => void): RedisWatch {
  let info: RedisInfo | undefined;
  let warnings: string[] = [];
  return {
    async look() {
      info = await readInfo(redis);
      const before = warnings;
      warnings = warningsOf(info);
      for (const warning of warnings) if (!before.includes(warning)) onWarning(warning);
      return info;
    },
    latest: () => info,
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
