import { chmod, cp, lstat, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log, Refusal } from "./local-server.ts";
import { withLock } from "./lock.ts";
import {
  type FindPostgres,
  findEmbeddedPostgres,
  type PostgresBinaries,
  tryPostgres,
} from "./postgres-binaries.ts";
import { makeRootFolder } from "./public-folder.ts";
import type { Account } from "./run.ts";

export type ForRootDeps = { publicFolder: string; log: Log; env: NodeJS.ProcessEnv };

/**
 * npm's PostgreSQL, fit to be run by `account`: where it lies, or, when root has its packages where that account cannot
 * read them (below /root, or installed under umask 077), a copy.
 */
export async function embeddedPostgresFor(
  account: Account,
  deps: ForRootDeps,
  find: FindPostgres = findEmbeddedPostgres,
): Promise<PostgresBinaries | Refusal> {
  const found = await find(account, deps.env);
  if (!("refused" in found) || account === null) return found;
  const asRoot = await find(null, deps.env);
  if ("refused" in asRoot || asRoot.native === null) return asRoot;
  return copyForEveryone(asRoot.native, account, deps);
}

/** Copies PostgreSQL's programs to where every account can read them: once for each release, 60 MB. */
async function copyForEveryone(
  native: string,
  account: Account,
  { publicFolder, log, env }: ForRootDeps,
): Promise<PostgresBinaries | Refusal> {
  await makeRootFolder(publicFolder);
  const copy = join(publicFolder, `postgres-${await readRelease(native)}`);
  const programs = { postgres: join(copy, "bin", "postgres"), initdb: join(copy, "bin", "initdb") };
  return withLock(join(publicFolder, "copy.lock"), async () => {
    const earlier = await tryPostgres(programs, copy, account, env);
    if (!("refused" in earlier)) return earlier;
    log(`copying PostgreSQL's programs to ${copy} (first run only)...`);
    const aside = `${copy}.new`;
    for (const folder of [aside, copy]) await rm(folder, { recursive: true, force: true });
    // Static libraries are for those who compile against it.
    const filter = (source: string) => !source.endsWith(".a");
    await cp(native, aside, { recursive: true, verbatimSymlinks: true, filter });
    await openToEveryone(aside);
    await rename(aside, copy);
    return tryPostgres(programs, copy, account, env);
  });
}

/** The version in the package.json beside native/: with the architecture, it names the copy. */
async function readRelease(native: string): Promise<string> {
  const text = await readFile(join(dirname(native), "package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return `${version}-${process.arch}`;
}

/** Read for all, and execute where the owner may: whatever umask the packages were installed under. */
async function openToEveryone(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
