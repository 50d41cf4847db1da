import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Framework, type Site, SITES } from "./sites.ts";
import { hashFiles, packClient } from "./pack-client.ts";

const run = promisify(execFile);
const sources = fileURLToPath(new URL("./sites", import.meta.url));
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const built = join(root, ".cache", "sites");
/** Pages of a terminal that a build writes at most. */
const OUTPUT_BYTES_MAX = 10_000_000;

/**
 * Installs the websites' dependencies and the packed client in `.cache/sites`, and builds each, where anything of it has
 * changed. Asks the npm registry for what is not in pnpm's store yet, and nothing else of the network.
 *
 * @returns the folder of each site.
 */
export async function buildSites(): Promise<Record<Framework, string>> {
  await mkdir(built, { recursive: true });
  const installed = await install();
  const folders = {} as Record<Framework, string>;
  for (const [framework, { build }] of Object.entries<Site>(SITES) as [Framework, Site][]) {
    folders[framework] = join(built, framework);
    const hash = `${installed} ${await hashFiles(join(sources, framework), ["."])} ${process.version}`;
    await unlessDone(join(built, `${framework}.built`), hash, async () => {
      await copySources(framework);
      if (build !== undefined) {
        await runIn(folders[framework], process.execPath, build, { NODE_ENV: "production" });
      }
    });
  }
  return folders;
}

/** @returns a hash of what is installed. */
async function install(): Promise<string> {
  const client = await packClient();
  const manifests = Object.keys(SITES).map((framework) => `${framework}/package.json`);
  const names = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests];
  const hash = `${client.hash} ${await hashFiles(sources, names)}`;
  await unlessDone(join(built, "installed"), hash, async () => {
    await Promise.all(names.map((name) => cp(join(sources, name), join(built, name))));
    const packed = join(built, "packed");
    await rm(packed, { recursive: true, force: true });
    await mkdir(packed, { recursive: true });
    await run("tar", ["-xzf", client.path, "-C", packed]);
    const { packageManager } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    await runIn(built, "npx", ["-y", packageManager, "install", "--frozen-lockfile"]);
  });
  return hash;
}

/** Does it unless it was done for this hash. What was interrupted was not. */
async function unlessDone(stamp: string, hash: string, work: () => Promise<void>): Promise<void> {
  if ((await readFile(stamp, "utf8").catch(() => "")) === hash) return;
  await rm(stamp, { force: true });
  await work();
  await writeFile(stamp, hash);
}

/** Also what was built before goes, but not what is installed. */
async function copySources(framework: Framework): Promise<void> {
  const folder = join(built, framework);
  const former = (await readdir(folder)).filter((name) => name !== "node_modules");
  await Promise.all(former.map((name) => rm(join(folder, name), { recursive: true })));
  await cp(join(sources, framework), folder, { recursive: true });
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
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed in ${folder}:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Node as the tests have it, and nothing else of this repository or of an npm around us. */
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
