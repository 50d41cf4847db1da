import { randomBytes } from "node:crypto";
import { chown, lstat, mkdir, mkdtemp, readlink, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Log, reasonOf } from "./local-server.ts";
import { makeRootFolder } from "./public-folder.ts";
import { noteOwner, sweepOrphans } from "./public-orphans.ts";
import { type Account, run } from "./run.ts";

/** "nobody" on every Linux; where /etc/passwd does not know it, see initdb.ts. */
const UNPRIVILEGED_ID = 65_534;
const PROBE_MS_MAX = 10_000;

/** The cluster's folder: `DATA_DIR/postgres`, or what it links to. It may not exist yet. */
export async function clusterFolder(dataDir: string): Promise<string> {
  const path = join(dataDir, "postgres");
  const target = await readlink(path).catch(() => null);
  return target === null ? path : resolve(dataDir, target);
}

/** When the cluster was made, its owner; null when there is none yet. */
export async function clusterOwner(cluster: string): Promise<{ uid: number; gid: number } | null> {
  const found = await stat(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return found === null ? null : { uid: found.uid, gid: found.gid };
}

/**
 * Whom PostgreSQL runs as, for it refuses root: the cluster's owner (it was made before by a user who then became
 * root), else nobody. Null, for ourselves, when we are not root.
 */
export function accountFor(owner: { uid: number; gid: number } | null): Account {
  if (process.getuid?.() !== 0) return null;
  if (owner === null || owner.uid === 0) return { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID };
  return owner;
}

/**
 * Chooses where a new cluster goes, and answers its folder, which does not exist yet.
 *
 * That is DATA_DIR/postgres, but for root in a folder that others may not enter (a checkout below /root, a temporary
 * folder of mode 0700): the account that runs PostgreSQL must be able to walk all the way. We do not open other
 * people's folders; the cluster goes to /var/lib/model-views/ID/postgres, which root alone can write, and
 * DATA_DIR/postgres becomes a link to it. The id is random, so a DATA_DIR that is moved keeps its cluster, and one
 * that is deleted and made again does not meet the old one.
 *
 * Rejects when `account` can work in neither place.
 */
export async function chooseCluster(
  dataDir: string,
  { account, publicFolder, log, env }: ChooseClusterDeps,
): Promise<string> {
  const link = join(dataDir, "postgres");
  const linked = await clusterFolder(dataDir);
  if (account === null) {
    await mkdir(dirname(linked), { recursive: true, mode: 0o700 });
    return linked;
  }
  const isOurs = dirname(dirname(linked)) === publicFolder;
  // Beside the cluster, or where somebody's own link leads.
  if (!isOurs && (await whyNot(dirname(linked), account, env)) === null) return linked;
  if (!isOurs && linked !== link)
    throw new Error(`${link} leads to ${linked}, and uid ${account.uid} cannot work there`);
  const home = isOurs ? dirname(linked) : join(publicFolder, randomBytes(6).toString("hex"));
  await makeRootFolder(publicFolder);
  await sweepOrphans(publicFolder);
  await makeRootFolder(home);
  const refused = await whyNot(home, account, env);
  if (refused !== null) {
    throw new Error(
      `PostgreSQL does not run as root, and uid ${account.uid} can work neither in ${dataDir} nor in ${home} ` +
        `(${refused}): start it as another user, or set DATABASE_URL`,
    );
  }
  await noteOwner(home, dataDir);
  if (!isOurs) await symlink(join(home, "postgres"), link);
  log(
    `root's ${dataDir} is closed to uid ${account.uid}, which runs PostgreSQL: its data is kept in ${home}`,
  );
  return join(home, "postgres");
}

type ChooseClusterDeps = { account: Account; publicFolder: string; log: Log; env: NodeJS.ProcessEnv };

/** Tries it, for modes alone do not tell: why `account` cannot keep files of its own in `folder`; null when it can. */
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

/** Rejects, saying what to do, when `account` (null: we ourselves) cannot use the existing cluster. */
export async function checkCluster(cluster: string, account: Account, env: NodeJS.ProcessEnv): Promise<void> {
  const { uid } = await lstat(cluster);
  const me = account?.uid ?? process.getuid?.();
  if (me !== undefined && uid !== me) {
    throw new Error(
      uid === 0
        ? `${cluster} belongs to root, and PostgreSQL runs as uid ${me}: chown -R ${me} it`
        : `${cluster} belongs to uid ${uid}: start it as that user or as root, or choose another DATA_DIR`,
    );
  }
  if (account === null) return;
  const options = { timeoutMs: PROBE_MS_MAX, env, cwd: "/", account };
  try {
    await run("/bin/sh", ["-c", 'cd "$1"', "sh", cluster], options);
  } catch (error) {
    throw new Error(
      `uid ${account.uid}, which runs PostgreSQL for root, cannot reach ${cluster}: let others pass through the ` +
        "folders above it (chmod o+x), or move DATA_DIR",
      { cause: error },
    );
  }
}
