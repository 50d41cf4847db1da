import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../../local-services/src/lock.ts";
import { packClient } from "../installed-project.ts";
import { hashFiles } from "./hash-files.ts";
import { FRAMEWORKS, type Framework, SITES } from "./sites.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const client = join(repository, "packages", "client");
const sources = fileURLToPath(new URL("./sites", import.meta.url));
const built = join(repository, ".cache", "sites");

/** The sources of the package. */
const CLIENT_SOURCES = ["src", "build", "build.ts", "package.json", "tsconfig.build.json"];
/** How much a command may print, in bytes. */
const OUTPUT_BYTES_MAX = 16 * 1_024 * 1_024;

/**
 * Installs what the websites depend on and the packed client in `.cache/sites`, and builds each site: all of it only where
 * something has changed. Downloads missing packages from the npm registry, and nothing else.
 *
 * @returns the folder of each site.
 */
export async function buildSites(): Promise<Record<Framework, string>> {
  await mkdir(built, { recursive: true });
  return withLock(join(built, "lock"), async () => {
    const installed = await install();
    const folders = {} as Record<Framework, string>;
    for (const framework of FRAMEWORKS) folders[framework] = await build(framework, installed);
    return folders;
  });
}

/** @returns a hash of what is installed. */
async function install(): Promise<string> {
  const manifests = FRAMEWORKS.map((framework) => `${framework}/package.json`);
  const files = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests];
  const hashes = [await hashFiles(client, CLIENT_SOURCES), await hashFiles(sources, files)];
  const hash = [...hashes, process.platform, process.arch, process.version].join(" ");
  await unlessDone(join(built, "installed"), hash, async () => {
    await Promise.all(files.map((file) => cp(join(sources, file), join(built, file))));
    await unpackClient(join(built, "packed"));
    const { packageManager } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
    await runIn(built, "npx", ["-y", packageManager, "install", "--frozen-lockfile"]);
  });
  return hash;
}

/** As a folder: a lock file would contain a tarball's hash, which changes with each change of the client. */
async function unpackClient(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const packing = await mkdtemp(join(built, "packing-"));
  try {
    await run("tar", ["-xzf", await packClient(packing), "-C", folder]);
  } finally {
    await rm(packing, { recursive: true });
  }
}

async function build(framework: Framework, installed: string): Promise<string> {
  const folder = join(built, framework);
  const hash = `${installed} ${await hashFiles(sources, [framework])}`;
  await unlessDone(join(built, `${framework}.built`), hash, async () => {
    // What was built before goes; what is installed stays.
    const former = (await readdir(folder)).filter((name) => name !== "node_modules");
    await Promise.all(former.map((name) => rm(join(folder, name), { recursive: true })));
    await cp(join(sources, framework), folder, { recursive: true });
    const { build } = SITES[framework];
    if (build) await runIn(folder, process.execPath, build, { NODE_ENV: "production" });
  });
  return folder;
}

/** Does it unless it was done to the end for the same hash. */
async function unlessDone(marker: string, hash: string, work: () => Promise<void>): Promise<void> {
  if ((await readFile(marker, "utf8").catch(() => "")) === hash) return;
  await rm(marker, { force: true });
  await work();
  await writeFile(marker, hash);
}

async function runIn(
  folder: string,
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<void> {
  const env = { ...machineEnvironment(), ...environment };
  try {
    await run(command, args, { cwd: folder, env, maxBuffer: OUTPUT_BYTES_MAX });
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Nothing of this repository but its Node, which the frameworks need: the machine's own may be older. */
function machineEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  const others = PATH.split(delimiter).filter((entry) => !entry.includes(`${sep}node_modules${sep}`));
  return {
    PATH: [dirname(process.execPath), ...others].join(delimiter),
    HOME,
    CI: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
  };
}
