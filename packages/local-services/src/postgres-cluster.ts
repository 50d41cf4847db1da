import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cache } from "./debian-packages.ts";
import { runInitdb } from "./initdb.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { Account } from "./run.ts";
import { syncFolder } from "./sync-folder.ts";

const SWEEP_RETRIES_MAX = 10;
const HALF_MADE_PREFIX = "initdb-";

export const SUPERUSER = "model_views";

export type NewCluster = {
  cluster: string;
  binaries: PostgresBinaries;
  account: Account;
  password: string;
  durable: boolean;
  cache: Cache;
};

/**
 * Makes a new cluster: UTF-8, locale C, passwords by SCRAM on every connection. It is made beside its place and moved
 * there when it is whole, so a folder of that name is never half a cluster; what an earlier, killed attempt
 * left is swept away first.
 */
export async function makeCluster(wanted: NewCluster): Promise<void> {
  const { cluster, binaries, account, password, durable, cache } = wanted;
  const home = dirname(cluster);
  await sweepHalfMade(home);
  cache.log("making PostgreSQL's database files (first run only)...");
  const aside = await mkdtemp(join(home, HALF_MADE_PREFIX));
  try {
    const passwordFile = join(aside, "password");
    const data = join(aside, "data");
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
    await runInitdb({ command: binaries.initdb, args, account, folder: aside, cache });
    await rename(data, cluster);
    if (durable) await syncFolder(home);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** The initdb of a killed launcher may still be writing there, so a folder can be full again when it was just emptied. */
async function sweepHalfMade(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(HALF_MADE_PREFIX)) continue;
    await rm(join(home, name), { recursive: true, force: true, maxRetries: SWEEP_RETRIES_MAX });
  }
}

/** The major version that made the cluster: no other can read it. */
export async function readMajor(cluster: string): Promise<number> {
  return Number(await readFile(join(cluster, "PG_VERSION"), "utf8"));
}
