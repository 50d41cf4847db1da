import { mkdir, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Makes DATA_DIR when it is missing, for this user alone, and answers its real path. For root others may pass through it, for one
 * of them runs PostgreSQL, and list nothing; the files in it are each closed by themselves.
 */
export async function makeDataDir(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  return realpath(dataDir);
}

const WORKSPACE_CACHE = "../../../.cache";

/** Where unpacked packages are looked for, and then, in the first one that may be written, put; see `cacheDir`. */
export function cacheDirs(dataDir: string, given: string | undefined): string[] {
  if (given !== undefined) return [resolve(given)];
  return [fileURLToPath(new URL(WORKSPACE_CACHE, import.meta.url)), join(dataDir, "cache")];
}

/** The environment of a server: without variables by which PostgreSQL would take other settings than ours. */
export function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("PG") && !name.startsWith("LC_"));
  return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}
