import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Log, type Refusal, reasonOf } from "./local-server.ts";
import { withLock } from "./lock.ts";
import { findOnPath } from "./path-search.ts";
import { run } from "./run.ts";

/** 10 MB of package lists, then 1.4 MB of packages; the rest is for slow lines. */
const UPDATE_MS_MAX = 180_000;
const DOWNLOAD_MS_MAX = 180_000;
const SIMULATE_MS_MAX = 60_000;
const UNPACK_MS_MAX = 60_000;

const UNPACKING_PREFIX = "unpacking-";

/** For commands that must not touch the system: no hooks, no lists that only software centres read. */
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
  /** One of them gets a folder for each thing unpacked. Whoever may write there decides what we run. */
  cacheDirs: readonly string[];
  log: Log;
  env: NodeJS.ProcessEnv;
};

export type Wanted<T> = {
  /** For the log, and in small letters for the folder. */
  name: string;
  packages: readonly string[];
  /** What these need and a usual Debian lacks, for when apt cannot tell. */
  libraries: readonly string[];
  /** Makes use of what lies unpacked in a folder, or says why it cannot. */
  take: (unpacked: string) => Promise<T | Refusal>;
};

/**
 * Something from the packages of Debian or Ubuntu, for any user: downloaded by apt, which checks their signatures, and
 * unpacked into the cache instead of installed. Once; the network is needed for that, and apt's sources as the
 * machine has them. Several processes may ask at once.
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
    if (!("refused" in earlier)) return earlier;
  }
  try {
    const folder = await firstWritable(folders);
    const unpacked = join(folder, system);
    const onWait = () => log(`waiting for another process that is unpacking ${name}...`);
    return await withLock(
      join(folder, "unpack.lock"),
      async () => {
        const meanwhile = await take(unpacked);
        if (!("refused" in meanwhile)) return meanwhile;
        log(`unpacking ${name} from this system's packages (first run only)...`);
        await unpack(folder, unpacked, wanted, { aptGet, dpkgDeb, env });
        return take(unpacked);
      },
      { onWait },
    );
  } catch (error) {
    return { refused: reasonOf(error) };
  }
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

/** Does it all beside its place and moves it there when it is whole; what a killed attempt left goes first. */
async function unpack(
  folder: string,
  unpacked: string,
  { packages: names, libraries }: Pick<Wanted<object>, "packages" | "libraries">,
  { aptGet, dpkgDeb, env }: Tools,
): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNPACKING_PREFIX)) await rm(join(folder, name), { recursive: true, force: true });
  }
  const aside = await mkdtemp(join(folder, UNPACKING_PREFIX));
  try {
    const [lists, archives] = [join(aside, "state", "lists"), join(aside, "cache", "archives")];
    const [packages, root] = [join(aside, "packages"), join(aside, "root")];
    for (const path of [join(lists, "partial"), join(archives, "partial"), packages, root]) {
      await mkdir(path, { recursive: true });
    }
    const conf = join(aside, "apt.conf");
    await writeFile(conf, APT_CONF);
    const folders = [
      `Dir::State=${join(aside, "state")}`,
      `Dir::State::Lists=${lists}`,
      `Dir::Cache=${join(aside, "cache")}`,
    ];
    const options = ["-q", "-c", conf, ...folders.flatMap((option) => ["-o", option])];
    const apt = (args: readonly string[], timeoutMs: number) =>
      run(aptGet, [...options, ...args], { timeoutMs, env, cwd: packages });

    // One source of several may fail and the packages still be had, so it only matters when they are not.
    const updateRefused = await apt(["update"], UPDATE_MS_MAX).then(() => null, reasonOf);
    const missing = await missingLibraries(names, (args) => apt(args, SIMULATE_MS_MAX));
    const download = ["download", ...new Set([...names, ...(missing ?? libraries)])];
    await apt(download, DOWNLOAD_MS_MAX).catch((error: unknown) => {
      throw updateRefused === null ? error : new Error(updateRefused);
    });
    for (const name of await readdir(packages)) {
      await run(dpkgDeb, ["-x", join(packages, name), root], { timeoutMs: UNPACK_MS_MAX, env });
    }
    await rm(unpacked, { recursive: true, force: true });
    await rename(root, unpacked);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** The libraries that installing would bring along here, more on a slim image than on a usual machine; null: no telling. */
async function missingLibraries(
  names: readonly string[],
  apt: (args: readonly string[]) => Promise<string>,
): Promise<string[] | null> {
  try {
    const plan = await apt(["--simulate", "--no-install-recommends", "install", ...names]);
    const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name = ""]) => name);
    // Another C library than the one the machine's loader belongs to would not work.
    return packages.filter((name) => name.startsWith("lib") && !name.startsWith("libc6"));
  } catch {
    return null;
  }
}
