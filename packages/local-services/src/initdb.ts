import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cache, unpackPackages } from "./debian-packages.ts";
import { type Refusal, reasonOf } from "./local-server.ts";
import { type Account, run } from "./run.ts";

/** About 1 s on a laptop; the rest is for slow disks. */
const INITDB_MS_MAX = 120_000;
const LIBRARY = "libnss_wrapper.so";

export type Initdb = {
  command: string;
  args: readonly string[];
  account: Account;
  /** For files of our own; `account` can enter it. */
  folder: string;
  cache: Cache;
};

/**
 * Runs initdb, also as a user whom the system does not know by name (`docker run --user 1234`), which it refuses.
 * Such a user is given a name: in a user namespace where the kernel allows that, else by nss_wrapper, as the official
 * PostgreSQL image does it. PostgreSQL itself does not ask for one.
 */
export async function runInitdb(initdb: Initdb): Promise<void> {
  const refused = await tryInitdb(initdb, [], {});
  if (refused === null) return;
  if (!/could not look up effective user ID/.test(refused)) throw new Error(refused);
  // 65534 is "nobody" nearly everywhere.
  const inNamespace = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];
  const namespaceRefused = await tryInitdb(initdb, inNamespace, {});
  if (namespaceRefused === null) return;
  const wrapperRefused = await tryWrapped(initdb);
  if (wrapperRefused === null) return;
  throw new Error(
    `${refused}\nThe user needs a name to make a database: run this as a user of the system, or set DATABASE_URL. ` +
      `Tried: a user namespace (${namespaceRefused}); nss_wrapper (${wrapperRefused})`,
  );
}

/** Null when it worked, else why not. Whenever it does not, it leaves the data folder empty. */
async function tryInitdb(
  { command, args, account, folder, cache }: Initdb,
  prefix: readonly string[],
  extra: NodeJS.ProcessEnv,
): Promise<string | null> {
  const [program = command, ...rest] = [...prefix, command, ...args];
  const env = { ...cache.env, ...extra };
  try {
    await run(program, rest, { timeoutMs: INITDB_MS_MAX, env, cwd: folder, account });
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

async function tryWrapped(initdb: Initdb): Promise<string | null> {
  const { account, folder, cache } = initdb;
  const found = await unpackPackages(
    { name: "nss-wrapper", packages: ["libnss-wrapper"], libraries: [], take: takeLibrary },
    cache,
  );
  if ("refused" in found) return found.refused;
  const [uid, gid] = [account?.uid ?? process.getuid?.(), account?.gid ?? process.getgid?.()];
  const users = join(folder, "passwd");
  const groups = join(folder, "group");
  await writeFile(users, `model-views:x:${uid}:${gid}::/:/bin/false\n`);
  await writeFile(groups, `model-views:x:${gid}:\n`);
  return tryInitdb(initdb, [], {
    // By its name alone: a path with a space in it would be taken for two.
    LD_PRELOAD: LIBRARY,
    LD_LIBRARY_PATH: found.folder,
    NSS_WRAPPER_PASSWD: users,
    NSS_WRAPPER_GROUP: groups,
  });
}

async function takeLibrary(unpacked: string): Promise<{ folder: string } | Refusal> {
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true }).catch(() => []);
  const found = entries.find((entry) => entry.name === LIBRARY);
  return found === undefined ? { refused: "the package does not hold it" } : { folder: found.parentPath };
}
