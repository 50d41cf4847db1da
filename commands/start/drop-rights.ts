import { constants } from "node:fs";
import { chown, mkdir, mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Account, run } from "@model-views/local-services/programs.ts";
import { accountFor } from "@model-views/local-services/root.ts";

/** Milliseconds in which the account must load a service. */
const PROBE_MS_MAX = 30_000;

/** Loads the first file as it is run, and reads the others; then makes a file in the folder that is given last. */
const PROBE = `
import { accessSync, constants, writeFileSync } from "node:fs";
const [folder, ...files] = process.argv.slice(1).reverse();
for (const file of files) accessSync(file, constants.R_OK);
writeFileSync(folder + "/file", "");`;

export type DropRightsOptions = {
  /** The checkout. Its owner runs the services, unless sudo was used. */
  root: string;
  /** The main files of the services. The first one is run with `--help`, as a test. */
  mains: readonly string[];
  /** Other files that they read, if these exist. */
  files: readonly string[];
  /** The folder of ingest's spool, which will belong to the account. */
  spoolFolder: string;
  say: (line: string) => void;
};

/**
 * The account that the services run as when this process is root's: the caller of sudo, or the owner of the checkout, else
 * `nobody`. They need no rights at all. Null, for this process's account, when that is not root; and, with a note, where the
 * account cannot run them (a checkout, a DATA_DIR or a Node below /root).
 */
export async function accountForServices(options: DropRightsOptions, env = process.env): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = callerOf(env) ?? (await stat(options.root));
  const account = accountFor({ uid, gid });
  if (account === null) return null;
  const why = await whyNot(account, options, env);
  if (why !== null) {
    options.say(
      `This runs as root, and so do the services: uid ${account.uid} cannot run them (${why}). Start it as another user, ` +
        "or have the checkout and DATA_DIR where others may read them.",
    );
    return null;
  }
  await giveTo(account, options.spoolFolder, options.say);
  options.say(
    `This runs as root; ingest, worker and stats API run as uid ${account.uid}. Better start it as another user.`,
  );
  return account;
}

/** The caller of sudo; undefined without sudo, and when root called it. */
function callerOf({ SUDO_UID, SUDO_GID }: NodeJS.ProcessEnv): NonNullable<Account> | undefined {
  const [uid, gid] = [Number(SUDO_UID), Number(SUDO_GID)];
  return uid > 0 && gid > 0 ? { uid, gid } : undefined;
}

/**
 * Returns why the account cannot run the services; null when it can. Tries it, because file modes alone do not show it.
 */
async function whyNot(
  account: NonNullable<Account>,
  { mains, files, spoolFolder }: DropRightsOptions,
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  const [first = ""] = mains;
  const options = { timeoutMs: PROBE_MS_MAX, env, account, cwd: process.cwd() };
  await mkdir(spoolFolder, { recursive: true, mode: 0o700 });
  const beside = await mkdtemp(`${spoolFolder}-probe-`);
  try {
    await chown(beside, account.uid, account.gid);
    const there = (await Promise.all(files.map(isThere))).filter((file) => file !== undefined);
    const probe = ["--input-type=module", "-e", PROBE, ...mains, ...there, beside];
    await Promise.all([
      run(process.execPath, [first, "--help"], options),
      run(process.execPath, probe, options),
    ]);
    return null;
  } catch (error) {
    return lastLineOf(error);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function isThere(file: string): Promise<string | undefined> {
  return stat(file).then(
    () => file,
    () => undefined,
  );
}

/** The line of Node's error output that names the error. */
function lastLineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^.*?(E[A-Z]+: [^\n]*)/m.exec(text)?.[1] ?? text.split("\n", 1)[0] ?? text;
}

/**
 * Gives the folder to the account, with the files that root has left in it. The account can put links there, and can
 * replace a file at any moment. So each file is opened and checked, and the owner of the open file is changed, not that
 * of its name.
 */
async function giveTo(
  account: NonNullable<Account>,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  if (!(await giveOne(account, folder, "a folder"))) {
    say(`${folder} is a link, and keeps its owner: uid ${account.uid} must be able to write there.`);
    return;
  }
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!(await giveOne(account, path, "a file")))
      say(`${path} is no plain file, or has other names: it is left alone.`);
  }
}

/**
 * Returns false, without any change, for a link, for a file that has another name too, and for anything else. A file
 * that is gone counts as given.
 */
async function giveOne(
  { uid, gid }: NonNullable<Account>,
  path: string,
  what: "a file" | "a folder",
): Promise<boolean> {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await handle.stat();
    if (!(what === "a folder" ? found.isDirectory() : found.isFile() && found.nlink === 1)) return false;
    await handle.chown(uid, gid);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return true;
    // A link; a socket.
    if (code === "ELOOP" || code === "EMLINK" || code === "ENXIO") return false;
    throw error;
  }
}
