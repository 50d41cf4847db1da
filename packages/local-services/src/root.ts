import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import type { Log } from "./local-server.ts";
import { withLock } from "./lock.ts";
import { clusterFolder, clusterPidFile } from "./postgres-cluster.ts";
import {
  type FindPostgres,
  findEmbeddedPostgres,
  type PostgresPrograms,
  tryPostgres,
} from "./postgres-programs.ts";
import { isAlive, readPid } from "./processes.ts";
import { type Account, isRefusal, type Refusal, reasonOf, run } from "./programs.ts";

// PostgreSQL refuses to run as root. This file finds another account for it, a place for its data that this account can
// reach, and programs that it can read.

/** "nobody" on every Linux. */
const UNPRIVILEGED_ID = 65_534;
const PROBE_MS_MAX = 10_000;
const COPY_MS_MAX = 60_000;
/** In a cluster's folder outside of DATA_DIR: the DATA_DIR that it belongs to. */
const OWNER_FILE = "belongs-to";

/**
 * Where root keeps files that the account of PostgreSQL must reach, when it cannot reach them in their usual place. Not
 * /var/tmp: systemd may delete files there that were not used for 30 days, and every user may make a folder there.
 */
export const PUBLIC_FOLDER = "/var/lib/model-views";

export type RootOptions = { publicFolder: string; log: Log; env: NodeJS.ProcessEnv };

/**
 * The account that PostgreSQL runs as: the owner of its files (a user who made them and became root later), else `nobody`.
 * Null, for this process's own, when that is not root's.
 */
export function accountFor(owner: { uid: number; gid: number } | null): Account {
  if (process.getuid?.() !== 0) return null;
  if (owner === null || owner.uid === 0) return { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID };
  return { uid: owner.uid, gid: owner.gid };
}

/** Rejects, with advice, when `account` cannot use the existing cluster. */
export async function checkCluster(cluster: string, account: Account, env: NodeJS.ProcessEnv): Promise<void> {
  const { uid } = await lstat(cluster);
  const me = account?.uid ?? process.getuid?.();
  if (uid !== me) {
    throw new Error(
      uid === 0
        ? `${cluster} belongs to root, and PostgreSQL runs as uid ${me}: chown -R ${me} it`
        : `${cluster} belongs to uid ${uid}: start it as that user or as root, or choose another DATA_DIR`,
    );
  }
  if (account === null) return;
  const options = { timeoutMs: PROBE_MS_MAX, env, cwd: "/", account };
  await run("/bin/sh", ["-c", 'cd "$1"', "sh", cluster], options).catch((error: unknown) => {
    throw new Error(
      `uid ${account.uid}, which runs PostgreSQL for root, cannot reach ${cluster}: let others pass through the ` +
        "folders above it (chmod o+x), or move DATA_DIR",
      { cause: error },
    );
  });
}

/**
 * Chooses the folder of a new cluster for `account`, and returns it; it does not exist yet.
 *
 * That is DATA_DIR/postgres where the account can reach it. In a checkout below /root, or in a temporary folder of mode
 * 0700, it cannot: then the cluster goes to /var/lib/model-views/ID/postgres, to which only root can write, and
 * DATA_DIR/postgres becomes a link to it. The id is random: a DATA_DIR that is moved keeps its cluster, and one that is
 * deleted and made again does not find the old one.
 *
 * Rejects when `account` can work in neither place.
 */
export async function placeCluster(
  dataDir: string,
  account: NonNullable<Account>,
  { publicFolder, log, env }: RootOptions,
): Promise<string> {
  const link = join(dataDir, "postgres");
  const linked = await clusterFolder(dataDir);
  const isOurs = isPublic(linked, publicFolder);
  // Beside the cluster, or in the folder that a user has linked it to.
  if (!isOurs && (await whyNot(dirname(linked), account, env)) === null) return linked;
  if (!isOurs && linked !== link)
    throw new Error(`${link} leads to ${linked}, and uid ${account.uid} cannot work there`);
  const home = isOurs ? dirname(linked) : join(publicFolder, randomBytes(6).toString("hex"));
  await makeRootFolder(publicFolder);
  await removeOrphans(publicFolder);
  await makeRootFolder(home);
  const refused = await whyNot(home, account, env);
  if (refused !== null) {
    throw new Error(
      `PostgreSQL does not run as root, and uid ${account.uid} can work neither in ${dataDir} nor in ${home} ` +
        `(${refused}): start it as another user, or set DATABASE_URL`,
    );
  }
  await writeFile(join(home, OWNER_FILE), `${dataDir}\n`);
  if (!isOurs) await symlink(join(home, "postgres"), link);
  log(
    `root's ${dataDir} is closed to uid ${account.uid}, which runs PostgreSQL: its data is kept in ${home}`,
  );
  return join(home, "postgres");
}

/** Whether the cluster's folder is one that `placeCluster` has chosen outside of DATA_DIR. */
export function isPublic(cluster: string, publicFolder: string): boolean {
  return dirname(dirname(cluster)) === publicFolder;
}

/**
 * Returns why `account` cannot keep files in `folder`; null when it can. Tries it, because file modes alone do not show
 * it.
 */
async function whyNot(
  folder: string,
  account: NonNullable<Account>,
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  const probe = await mkdtemp(join(folder, "probe-"));
  try {
    await chown(probe, account.uid, account.gid);
    const script = 'cd "$1" && : > file && test -O file';
    await run("/bin/sh", ["-c", script, "sh", probe], { timeoutMs: PROBE_MS_MAX, env, cwd: "/", account });
    return null;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}

/**
 * Makes a folder of root's that others may pass through but not list. Rejects when another user could have made, or can
 * change, the one that is there.
 */
async function makeRootFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o711 });
  // The umask limits the mode given to mkdir.
  if (made !== undefined) await chmod(folder, 0o711);
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that root alone can change: remove it, or set DATABASE_URL`);
  }
}

/**
 * Deletes the clusters of test runs that were killed: those whose DATA_DIR was in the temporary folder and is gone. Others
 * stay when their DATA_DIR is not there: it may have been moved, or be on a disk that is not mounted.
 */
async function removeOrphans(publicFolder: string): Promise<void> {
  const temporary = (await realpath(tmpdir())) + sep;
  for (const name of await readdir(publicFolder)) {
    const home = join(publicFolder, name);
    const dataDir = (await readFile(join(home, OWNER_FILE), "utf8").catch(() => "")).trim();
    if (!dataDir.startsWith(temporary) || existsSync(dataDir)) continue;
    const server = await readPid(clusterPidFile(join(home, "postgres")));
    if (server === null || !isAlive(server)) await rm(home, { recursive: true, force: true });
  }
}

/**
 * npm's PostgreSQL for `account`: in its place, or a copy, where root has its packages in a folder that the account cannot
 * read (below /root, or installed under umask 077).
 */
export async function embeddedPostgresFor(
  account: Account,
  options: RootOptions,
  find: FindPostgres = findEmbeddedPostgres,
): Promise<PostgresPrograms | Refusal> {
  const found = await find(account, options.env);
  if (!isRefusal(found) || account === null) return found;
  const asRoot = await find(null, options.env);
  if (isRefusal(asRoot) || asRoot.native === null) return asRoot;
  return copyPrograms(asRoot.native, account, options);
}

/** Copies PostgreSQL's programs to a folder that every account can read: once for each release, 60 MB. */
async function copyPrograms(
  native: string,
  account: Account,
  { publicFolder, log, env }: RootOptions,
): Promise<PostgresPrograms | Refusal> {
  await makeRootFolder(publicFolder);
  const { version } = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8"));
  const copy = join(publicFolder, `postgres-${version}-${process.arch}`);
  const programs = { postgres: join(copy, "bin", "postgres"), initdb: join(copy, "bin", "initdb") };
  return withLock(join(publicFolder, "copy.lock"), async () => {
    const earlier = await tryPostgres(programs, copy, account, env);
    if (!isRefusal(earlier)) return earlier;
    log(`copying PostgreSQL's programs to ${copy} (first run only)...`);
    const aside = `${copy}.new`;
    for (const folder of [aside, copy]) await rm(folder, { recursive: true, force: true });
    // Nothing is compiled against the static libraries.
    const filter = (source: string) => !source.endsWith(".a");
    await cp(native, aside, { recursive: true, verbatimSymlinks: true, filter });
    await run("/bin/chmod", ["-R", "u=rwX,go=rX", aside], { timeoutMs: COPY_MS_MAX, env });
    await rename(aside, copy);
    return tryPostgres(programs, copy, account, env);
  });
}
