import { join } from "node:path";
import { type Cache, librariesIn, unpackPackages } from "./debian-packages.ts";
import { findOnPath, isRefusal, type Refusal, reasonOf, run } from "./programs.ts";

/** BullMQ needs it. */
export const REDIS_VERSION_MIN = "6.2";
const VERSION_MS_MAX = 10_000;

export type RedisProgram = {
  command: string;
  /** Variables that it needs besides the usual ones: where its libraries are. */
  env: NodeJS.ProcessEnv;
};

/** `redis-server` or `valkey-server` on PATH. */
export async function findRedisOnPath(env: NodeJS.ProcessEnv): Promise<RedisProgram | Refusal> {
  const reasons: string[] = [];
  for (const name of ["redis-server", "valkey-server"]) {
    const command = await findOnPath(name, env["PATH"]);
    if (command === null) continue;
    const found = await tryRedis({ command, env: {} }, env);
    if (!isRefusal(found)) return found;
    reasons.push(found.refused);
  }
  return { refused: reasons.join("; ") || "there is none" };
}

/** Redis from the packages of Debian or Ubuntu; see debian-packages.ts. 4 MB in the cache. */
export function unpackDebianRedis(cache: Cache): Promise<RedisProgram | Refusal> {
  const wanted = {
    name: "Redis",
    // redis-server is a link to a program of redis-tools.
    packages: ["redis-server", "redis-tools"],
    libraries: ["liblzf1", "libjemalloc2", "libatomic1"],
    async take(unpacked: string) {
      const command = join(unpacked, "usr", "bin", "redis-server");
      return tryRedis({ command, env: { LD_LIBRARY_PATH: await librariesIn(unpacked) } }, cache.env);
    },
  };
  return unpackPackages(wanted, cache);
}

/** Runs it once, for its version and to see that it finds its libraries. */
async function tryRedis(program: RedisProgram, env: NodeJS.ProcessEnv): Promise<RedisProgram | Refusal> {
  const { command } = program;
  try {
    const options = { timeoutMs: VERSION_MS_MAX, env: { ...env, ...program.env } };
    const version = /v=(\d+\.\d+)/.exec(await run(command, ["--version"], options))?.[1] ?? "unknown";
    const isNewEnough = version.localeCompare(REDIS_VERSION_MIN, "en", { numeric: true }) >= 0;
    if (isNewEnough && version !== "unknown") return program;
    return { refused: `${command} is version ${version}, and ${REDIS_VERSION_MIN} or newer is needed` };
  } catch (error) {
    return { refused: `${command} does not run (${reasonOf(error)})` };
  }
}
