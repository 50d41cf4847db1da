import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "./local-server.ts";
import { withLock } from "./lock.ts";
import { findOnPath, isRefusal, type Refusal, reasonOf, run } from "./programs.ts";

/** 10 MB of package lists, then 1.4 MB of packages; the rest is for slow connections. */
const NETWORK_MS_MAX = 180_000;
const LOCAL_MS_MAX = 60_000;
const UNPACKING_PREFIX = "unpacking-";
/** Beside the workspace's package.json, for all data folders. */
export const WORKSPACE_CACHE = fileURLToPath(new URL("../../../.cache", import.meta.url));

/** For commands that must not touch the system: no hooks, and no lists that only software centres read. */
const APT_CONF = `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::CNF;
#clear Acquire::IndexTargets::deb::Contents-deb;
Acquire::Languages "none";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Debug::NoLocking "1";
Dir::State::status "/var/lib/dpkg/status";
`;

export type Cache = {
  /**
   * Searched in this order. Packages that are in none of them are unpacked in the first writable one, in a separate
   * folder. A user who can write there decides which programs we run.
   */
  cacheDirs: readonly string[];
  log: Log;
  env: NodeJS.ProcessEnv;
};

export type Wanted<T> = {
  /** For the log, and in lower case for the folder. */
  name: string;
  packages: readonly string[];
  /** The libraries that these packages need and a usual Debian lacks. Used when apt cannot list them. */
  libraries: readonly string[];
  /** Finds the program in the folder of the unpacked packages, or returns why it cannot. */
  take: (unpacked: string) => Promise<T | Refusal>;
};

/**
 * Programs from the packages of Debian or Ubuntu, for any user: apt downloads them and checks their signatures, and they
 * are unpacked into the cache, not installed. Only the first call needs the network, and apt's sources as the machine has
 * them. Several processes may call it at once.
 */
export async function unpackPackages<T extends object>(
  wanted: Wanted<T>,
  { cacheDirs, log, env }: Cache,
): Promise<T | Refusal> {
  const { name, take } = wanted;
  const aptGet = await findOnPath("apt-get", env["PATH"]);
  const dpkgDeb = await findOnPath("dpkg-deb", env["PATH"]);
  if (aptGet === null || dpkgDeb === null) return { refused: "this is neither Debian nor Ubuntu" };
  const folders = cacheDirs.map((cacheDir) => join(cacheDir, name.toLowerCase()));
  const system = `${await readSystem()}-${process.arch}`;
  for (const folder of folders) {
    const earlier = await take(join(folder, system));
    if (!isRefusal(earlier)) return earlier;
  }
  const unpackInto = async (folder: string) => {
    const unpacked = join(folder, system);
    const meanwhile = await take(unpacked);
    if (!isRefusal(meanwhile)) return meanwhile;
    log(`unpacking ${name} from this system's packages (first run only)...`);
    await unpack(folder, unpacked, wanted, { aptGet, dpkgDeb, env });
    return take(unpacked);
  };
  try {
    const folder = await firstWritable(folders);
    return await withLock(join(folder, "unpack.lock"), () => unpackInto(folder), {
      onWait: () => log(`waiting for another process that is unpacking ${name}...`),
    });
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}

/** Every folder that holds a library, in the form of LD_LIBRARY_PATH. */
export async function librariesIn(unpacked: string): Promise<string> {
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true }).catch(() => []);
  const libraries = entries.filter((entry) => /\.so(\.|$)/.test(entry.name));
  return [...new Set(libraries.map((entry) => entry.parentPath))].join(":");
}

async function firstWritable(folders: readonly string[]): Promise<string> {
  let refused: unknown;
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return folder;
    } catch (error) {
      refused = error;
    }
  }
  throw refused;
}

/** `debian-12`: packages of one release may not run on another. */
async function readSystem(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (name: string) => new RegExp(`^${name}="?([\\w.]+)"?$`, "m").exec(text)?.[1] ?? "unknown";
  return `${value("ID")}-${value("VERSION_ID")}`;
}

type Tools = { aptGet: string; dpkgDeb: string; env: NodeJS.ProcessEnv };

/**
 * Works in a folder beside `unpacked`, and moves the result there when it is complete. First removes what a killed
 * attempt left.
 */
async function unpack(
  folder: string,
  unpacked: string,
  { packages: names, libraries }: Pick<Wanted<object>, "packages" | "libraries">,
  { aptGet, dpkgDeb, env }: Tools,
): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => each.startsWith(UNPACKING_PREFIX))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
  const aside = await mkdtemp(join(folder, UNPACKING_PREFIX));
  try {
    const [packages, root] = [join(aside, "packages"), join(aside, "root")];
    for (const path of ["state/lists/partial", "cache/archives/partial", "packages", "root"]) {
      await mkdir(join(aside, path), { recursive: true });
    }
    await writeFile(join(aside, "apt.conf"), APT_CONF);
    const folders = ["State=state", "State::Lists=state/lists", "Cache=cache"];
    const options = ["-q", "-c", join(aside, "apt.conf")];
    for (const each of folders) options.push("-o", `Dir::${each.replace("=", `=${aside}/`)}`);
    const apt = (args: readonly string[], timeoutMs: number) =>
      run(aptGet, [...options, ...args], { timeoutMs, env, cwd: packages });

    // One of several sources may fail, and the packages may come from another: the failure matters only when they
    // cannot be downloaded.
    const updateRefused = await apt(["update"], NETWORK_MS_MAX).then(() => null, reasonOf);
    const missing = await missingLibraries(names, (args) => apt(args, LOCAL_MS_MAX));
    const download = ["download", ...new Set([...names, ...(missing ?? libraries)])];
    await apt(download, NETWORK_MS_MAX).catch((error: unknown) => {
      throw updateRefused === null ? error : new Error(updateRefused);
    });
    for (const name of await readdir(packages)) {
      await run(dpkgDeb, ["-x", join(packages, name), root], { timeoutMs: LOCAL_MS_MAX, env });
    }
    await rm(unpacked, { recursive: true, force: true });
    await rename(root, unpacked);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** The libraries that an installation would add, more on a slim image than on a usual machine; null: unknown. */
async function missingLibraries(
  names: readonly string[],
  apt: (args: readonly string[]) => Promise<string>,
): Promise<string[] | null> {
  try {
    const plan = await apt(["--simulate", "--no-install-recommends", "install", ...names]);
    const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name = ""]) => name);
    // The machine's loader works only with its own C library.
    return packages.filter((name) => name.startsWith("lib") && !name.startsWith("libc6"));
  } catch {
    return null;
  }
}
