import type { Redis } from "ioredis";
import { PROBE_KEY, takesWrites } from "./redis.ts";
import { isForbidden } from "./redis-info.ts";

/** Who needs a right: both services that know the queue, or the worker alone. */
type Needed = "ingest and worker" | "worker";

/**
 * Every command that the services, and BullMQ's scripts on their behalf, send, each in a form that changes nothing: to most,
 * {@link PROBE_KEY} is of the wrong type.
 */
const RIGHTS: readonly (readonly [by: Needed, command: string, ...args: (string | number)[]])[] = [
  ["ingest and worker", "eval", "return 1", 0],
  ["ingest and worker", "evalsha", "0".repeat(40), 0],
  ["ingest and worker", "time"],
  ["ingest and worker", "get", PROBE_KEY],
  ["ingest and worker", "incr", PROBE_KEY],
  ["ingest and worker", "exists", PROBE_KEY],
  ["ingest and worker", "hget", PROBE_KEY, "a"],
  ["ingest and worker", "hset", PROBE_KEY, "a", 1],
  ["ingest and worker", "hmset", PROBE_KEY, "a", 1],
  ["ingest and worker", "hmget", PROBE_KEY, "a"],
  ["ingest and worker", "hexists", PROBE_KEY, "a"],
  ["ingest and worker", "llen", PROBE_KEY],
  ["ingest and worker", "lpush", PROBE_KEY, "a"],
  ["ingest and worker", "zadd", PROBE_KEY, 1, "a"],
  ["ingest and worker", "xadd", PROBE_KEY, "*", "a", 1],
  ["worker", "scan", 0, "COUNT", 1],
  ["worker", "mget", PROBE_KEY],
  ["worker", "del", `${PROBE_KEY}:none`],
  ["worker", "pexpire", `${PROBE_KEY}:none`, 1],
  ["worker", "pttl", PROBE_KEY],
  ["worker", "hgetall", PROBE_KEY],
  ["worker", "hdel", PROBE_KEY, "a"],
  ["worker", "hincrby", PROBE_KEY, "a", 1],
  ["worker", "rpush", PROBE_KEY, "a"],
  ["worker", "rpop", PROBE_KEY],
  ["worker", "lpop", PROBE_KEY],
  ["worker", "lindex", PROBE_KEY, 0],
  ["worker", "lrange", PROBE_KEY, 0, 0],
  ["worker", "lrem", PROBE_KEY, 1, "a"],
  ["worker", "ltrim", PROBE_KEY, 0, 0],
  ["worker", "rpoplpush", PROBE_KEY, PROBE_KEY],
  ["worker", "sadd", PROBE_KEY, "a"],
  ["worker", "srem", PROBE_KEY, "a"],
  ["worker", "scard", PROBE_KEY],
  ["worker", "smembers", PROBE_KEY],
  ["worker", "zcard", PROBE_KEY],
  ["worker", "zcount", PROBE_KEY, 0, 0],
  ["worker", "zscore", PROBE_KEY, "a"],
  ["worker", "zrem", PROBE_KEY, "a"],
  ["worker", "zrange", PROBE_KEY, 0, 0],
  ["worker", "zrangebyscore", PROBE_KEY, 0, 0],
  ["worker", "zrevrange", PROBE_KEY, 0, 0],
  ["worker", "zrevrangebyscore", PROBE_KEY, 0, 0],
  ["worker", "zremrangebyscore", PROBE_KEY, 0, 0],
  ["worker", "zremrangebyrank", PROBE_KEY, 0, 0],
  ["worker", "zpopmin", PROBE_KEY],
  ["worker", "bzpopmin", PROBE_KEY, 1],
  ["worker", "xtrim", PROBE_KEY, "MAXLEN", 1],
];

/** Redis' user may not do what a service needs: nothing mends itself here. */
export class RightsMissingError extends Error {
  override name = "RightsMissingError";
}

/** The commands that the user of a service must be allowed, for the documentation; `set` besides, and `info` if possible. */
export function neededCommands(by: Needed): string[] {
  return RIGHTS.filter(([needed]) => by === "worker" || needed !== "worker").map(([, command]) => command);
}

/**
 * Rejects unless Redis takes writes and lets this user do all that the service needs. Each command is tried: what a script may
 * not do would be known by no name, and only when it happens.
 *
 * @throws {RightsMissingError} naming every command, and the keys, that its user may not use.
 */
export async function mayWork(redis: Redis, by: Needed): Promise<void> {
  await takesWrites(redis).catch((error: unknown) => {
    throw isForbidden(error) ? missing([rightOf("set", error)]) : error;
  });
  const needed = RIGHTS.filter(([each]) => by === "worker" || each !== "worker");
  const results = await Promise.allSettled(
    needed.map(([, command, ...args]) => redis.call(command, ...args)),
  );
  const refused = results.flatMap((result, index) =>
    result.status === "rejected" && isForbidden(result.reason)
      ? [rightOf(needed[index]?.[1] ?? "", result.reason)]
      : [],
  );
  if (refused.length > 0) throw missing([...new Set(refused)]);
}

function missing(rights: readonly string[]): RightsMissingError {
  return new RightsMissingError(`Redis' user lacks rights: ${rights.join(" ")}`);
}

/** As `ACL SETUSER` takes it. */
function rightOf(command: string, error: Error): string {
  return /permissions to access/.test(error.message) ? `~${PROBE_KEY.replace(/:.*$/, ":*")}` : `+${command}`;
}
