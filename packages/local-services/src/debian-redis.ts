import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Cache, unpackPackages } from "./debian-packages.ts";
import type { Refusal } from "./local-server.ts";
import { type RedisBinary, tryRedis } from "./redis-binary.ts";

/** Redis from the packages of Debian or Ubuntu; see debian-packages.ts. 4 MB in the cache. */
export function unpackDebianRedis(cache: Cache): Promise<RedisBinary | Refusal> {
  return unpackPackages(
    {
      name: "Redis",
      // The one links to a program in the other.
      packages: ["redis-server", "redis-tools"],
      libraries: ["liblzf1", "libjemalloc2", "libatomic1"],
      take: (unpacked) => takeRedis(unpacked, cache.env),
    },
    cache,
  );
}

async function takeRedis(unpacked: string, env: NodeJS.ProcessEnv): Promise<RedisBinary | Refusal> {
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true }).catch(() => []);
  const libraries = entries.filter((entry) => /\.so(\.|$)/.test(entry.name)).map((entry) => entry.parentPath);
  const command = join(unpacked, "usr", "bin", "redis-server");
  return tryRedis({ command, env: { LD_LIBRARY_PATH: [...new Set(libraries)].join(":") } }, env);
}
