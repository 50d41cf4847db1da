import type { Redis } from "ioredis";
import { PROBE_KEY, takesWrites } from "./redis.ts";
import { isForbidden } from "./redis-info.ts";

/** Which services need a right: both that use the queue, or only the worker. */
type Needed = "ingest and worker" | "worker";

/**
 * Every command that the services, and BullMQ's scripts on their behalf, send. Each has a form that changes nothing: for
 * most commands, {@link PROBE_KEY} has the wrong type.
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
  ["ingest and worker", "hincrby", PROBE_KEY, "a", 1],
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

/** Redis' user lacks rights that a service needs. Only the operator can repair that. */
export class RightsMissingError extends Error {
  override name = "RightsMissingError";
}

/** Commands that the user of a service must be allowed, for the documentation. `set` is needed too, and `info` is useful. */
export function neededCommands(by: Needed): string[] {
  const commands = RIGHTS.filter(([needed]) => by === "worker" || needed !== "worker").map(
    ([, command]) => command,
  );
  return [...commands, "multi", "exec"];
}

/**
 * Rejects unless Redis accepts writes and its user has all rights that the service needs. Each command is tried, because a
 * right that a script lacks would only show when the script runs, and without its name.
 *
 * @throws {RightsMissingError} with all commands and keys that the user may not use.
 */
export async function mayWork(redis: Redis, by: Needed): Promise<void> {
  await takesWrites(redis).catch((error: unknown) => {
    throw isForbidden(error) ? missing([rightOf("set", error)]) : error;
  });
  const needed = RIGHTS.filter(([each]) => by === "worker" || each !== "worker");
  // One after the other, so nothing else gets into the transaction. Without the right to EXEC, Redis discards it.
  const commands = [...needed, ["worker", "multi"], ["worker", "exec"]] as const;
  const results = await Promise.allSettled(
    commands.map(([, command, ...args]) => redis.call(command, ...args)),
  );
  const refused = results.flatMap((result, index) =>
    result.status === "rejected" && isForbidden(result.reason)
      ? [rightOf(commands[index]?.[1] ?? "", result.reason)]
      : [],
  );
  if (refused.length > 0) throw missing([...new Set(refused)]);
}

function missing(rights: readonly string[]): RightsMissingError {
  return new RightsMissingError(`Redis' user lacks rights: ${rights.join(" ")}`);
}

/** In the syntax of `ACL SETUSER`. */
function rightOf(command: string, error: Error): string {
  return /permissions to access/.test(error.message) ? `~${PROBE_KEY.replace(/:.*$/, ":*")}` : `+${command}`;
}
