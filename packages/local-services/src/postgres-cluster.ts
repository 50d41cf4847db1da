import { chown, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { syncFolder } from "./data-dir.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";
import { readOrEmpty } from "./processes.ts";
import { type Account, reasonOf, run } from "./programs.ts";

/** About 1 s on a laptop; the rest is for slow disks. */
const INITDB_MS_MAX = 120_000;
const SWEEP_RETRIES_MAX = 10;
const HALF_MADE_PREFIX = "initdb-";

/** Owns the database, and may do everything in the cluster. */
export const SUPERUSER = "model_views";

/** The cluster's folder: `DATA_DIR/postgres`, or the target of that link. It may not exist yet. */
export async function clusterFolder(dataDir: string): Promise<string> {
  const path = join(dataDir, "postgres");
  const target = await readlink(path).catch(() => null);
  return target === null ? path : resolve(dataDir, target);
}

/** The server's pid file. It outlives a server that was killed. */
export function clusterPidFile(cluster: string): string {
  return join(cluster, "postmaster.pid");
}

/** The port of the server that runs, or ran last, so that its URL stays the same; null before the first start. */
export async function clusterPort(cluster: string): Promise<number | null> {
  const [, , , port] = (await readOrEmpty(clusterPidFile(cluster))).split("\n");
  if (port !== undefined) return Number(port) || null;
  const command = await readOrEmpty(join(cluster, "postmaster.opts"));
  return Number(/"port=(\d+)"/.exec(command)?.[1]) || null;
}

/** An empty pid file, which a power cut can leave, keeps PostgreSQL from starting. Only for when no server runs. */
export async function removeEmptyPidFile(cluster: string): Promise<void> {
  const file = clusterPidFile(cluster);
  if ((await readOrEmpty(file)).trim() === "") await rm(file, { force: true });
}

/** The major version that made the cluster: no other can read it. */
export async function readMajor(cluster: string): Promise<number> {
  return Number(await readFile(join(cluster, "PG_VERSION"), "utf8"));
}

export type NewCluster = {
  cluster: string;
  programs: PostgresPrograms;
  account: Account;
  password: string;
  durable: boolean;
  env: NodeJS.ProcessEnv;
};

/**
 * Makes a new cluster: UTF-8, locale C, passwords by SCRAM on every connection. It is made in another folder and moved
 * to its place when it is complete, so a folder of that name is never half a cluster. First removes what a killed
 * attempt left.
 */
export async function makeCluster(wanted: NewCluster): Promise<void> {
  const { cluster, programs, account, password, durable, env } = wanted;
  const home = dirname(cluster);
  for (const name of (await readdir(home)).filter((each) => each.startsWith(HALF_MADE_PREFIX))) {
    // The initdb of a killed launcher may still be writing there.
    await rm(join(home, name), { recursive: true, force: true, maxRetries: SWEEP_RETRIES_MAX });
  }
  const aside = await mkdtemp(join(home, HALF_MADE_PREFIX));
  try {
    const [passwordFile, data] = [join(aside, "password"), join(aside, "data")];
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await mkdir(data, { mode: 0o700 });
    if (account !== null) {
      for (const path of [aside, passwordFile, data]) await chown(path, account.uid, account.gid);
    }
    const args = [
      ...["-D", data, "-U", SUPERUSER, "--encoding=UTF8", "--locale=C"],
      ...["--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-instructions"],
      ...(durable ? [] : ["--no-sync"]),
    ];
    const options = { timeoutMs: INITDB_MS_MAX, env, cwd: aside, account };
    await run(programs.initdb, args, options).catch(explainInitdb);
    await rename(data, cluster);
    if (durable) await syncFolder(home);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

function explainInitdb(error: unknown): never {
  if (!/could not look up effective user ID/.test(reasonOf(error))) throw error;
  throw new Error(
    `${reasonOf(error)}\nPostgreSQL makes a database only for a user who has a name on this system: run this as a user ` +
      "in /etc/passwd, or set DATABASE_URL",
    { cause: error },
  );
}
