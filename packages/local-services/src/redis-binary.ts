import { type Refusal, reasonOf } from "./local-server.ts";
import { findOnPath } from "./path-search.ts";
import { run } from "./run.ts";

/** BullMQ needs it. */
export const REDIS_VERSION_MIN = "6.2";
const VERSION_MS_MAX = 10_000;

export type RedisBinary = {
  command: string;
  /** Variables it needs besides the usual ones: where its libraries are. */
  env: NodeJS.ProcessEnv;
};

/** `redis-server` or `valkey-server` on PATH. */
export async function findRedisOnPath(env: NodeJS.ProcessEnv): Promise<RedisBinary | Refusal> {
  const reasons: string[] = [];
  for (const name of ["redis-server", "valkey-server"]) {
    const command = await findOnPath(name, env["PATH"]);
    if (command === null) continue;
    const found = await tryRedis({ command, env: {} }, env);
    if (!("refused" in found)) return found;
    reasons.push(found.refused);
  }
  return { refused: reasons.join("; ") || "there is none" };
}

/** Runs it once, for its version and to see that it finds its libraries. */
export async function tryRedis(binary: RedisBinary, env: NodeJS.ProcessEnv): Promise<RedisBinary | Refusal> {
  try {
    const options = { timeoutMs: VERSION_MS_MAX, env: { ...env, ...binary.env } };
    const version = /v=(\d+\.\d+)/.exec(await run(binary.command, ["--version"], options))?.[1];
    if (version !== undefined && isAtLeast(version, REDIS_VERSION_MIN)) return binary;
    return {
      refused: `${binary.command} is version ${version}, and ${REDIS_VERSION_MIN} or newer is needed`,
    };
  } catch (error) {
    return { refused: `${binary.command} does not run (${reasonOf(error)})` };
  }
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
