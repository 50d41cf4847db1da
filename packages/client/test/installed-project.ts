import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../local-services/src/lock.ts";
import { hashFiles } from "./frameworks/hash-files.ts";

const run = promisify(execFile);
const clientFolder = fileURLToPath(new URL("..", import.meta.url));
const cacheFolder = fileURLToPath(new URL("../../../.cache", import.meta.url));
const exampleFolder = fileURLToPath(new URL("../../../examples/site", import.meta.url));
const consumerFolder = fileURLToPath(new URL("./consumer", import.meta.url));
const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));

/** The files that the tarball is made from. */
const PACKED_SOURCES = [
  ...[
    "src",
    "build",
    "build.ts",
    "package.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "README.md",
    "LICENSE",
  ],
  ...["../../package.json", "../../pnpm-lock.yaml", "../../tsconfig.base.json"],
];

/** A project outside of this repository that has installed the tarball, and uses nothing else of it. */
export type InstalledProject = {
  folder: string;
  /** Where the package is in it, and the files that came with it. */
  installed: string;
  files: string[];
  /** Runs a command in it, on the machine's own Node. */
  run: (command: string, args: string[], env?: Record<string, string>) => Promise<string>;
  /** Compiles and checks a TypeScript file there, as strictly as possible. Rejects with the output of tsc. */
  compile: (file: string, types: string[]) => Promise<void>;
  remove: () => Promise<void>;
};

/** Packs the package as `npm publish` would, and installs it without a registry. */
export async function installProject(): Promise<InstalledProject> {
  const folder = await mkdtemp(join(tmpdir(), "model-views-installed-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await packAndInstall(folder);
    await cp(exampleFolder, folder, { recursive: true });
    await cp(consumerFolder, folder, { recursive: true });
    await cp(join(consumerFolder, "next-stub"), join(folder, "node_modules", "next"), { recursive: true });
  } catch (error) {
    await remove();
    throw error;
  }
  const installed = join(folder, "node_modules", "model-views-client");
  return {
    folder,
    installed,
    files: await filesIn(installed),
    run: (command, args, env) => runIn(folder, command, args, env),
    compile: (file, types) => compileIn(folder, file, types),
    remove,
  };
}

/**
 * Packs the client as `npm publish` would, into this folder. Builds and packs once for each state of its sources.
 *
 * @returns the path of the tarball.
 */
export async function packClient(folder: string): Promise<string> {
  const packs = join(cacheFolder, "client-packs");
  await mkdir(packs, { recursive: true });
  const tarball = await withLock(join(cacheFolder, "client-pack.lock"), async () => {
    const packed = join(packs, await hashFiles(clientFolder, PACKED_SOURCES));
    const [name] = await readdir(packed).catch(() => []);
    return join(packed, name ?? (await pack(packs, packed)));
  });
  await cp(tarball, join(folder, basename(tarball)));
  return join(folder, basename(tarball));
}

/** Fills the folder `packed` with a new tarball, and removes those of other sources. Returns the tarball's name. */
async function pack(packs: string, packed: string): Promise<string> {
  for (const name of await readdir(packs)) await rm(join(packs, name), { recursive: true });
  const staging = await mkdtemp(`${packed}-`);
  // With the home folder of the user: what builds the package may have to be installed first.
  const env = { ...machineEnvironment(staging), HOME: process.env["HOME"] ?? staging };
  await run("npm", ["pack", "--pack-destination", staging], { cwd: clientFolder, env });
  // npm may leave its cache there too.
  const tarball = (await readdir(staging)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  await mkdir(packed);
  await rename(join(staging, tarball), join(packed, tarball));
  await rm(staging, { recursive: true });
  return tarball;
}

async function packAndInstall(folder: string): Promise<void> {
  const tarball = await packClient(folder);
  await writeFile(join(folder, "package.json"), `{ "name": "website", "private": true, "type": "module" }`);
  await runIn(folder, "npm", ["install", "--offline", "--no-audit", "--no-fund", tarball]);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, "/"));
}

async function runIn(
  folder: string,
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const options = { cwd: folder, env: { ...machineEnvironment(folder), ...env } };
  return (await run(command, args, options)).stdout;
}

async function compileIn(folder: string, file: string, types: string[]): Promise<void> {
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const target = ["--target", "es2022", "--lib", "es2022", "--module", "nodenext", "--types", types.join()];
  await linkTypes(folder, types);
  try {
    await run(process.execPath, [tsc, "--ignoreConfig", ...strict, ...target, file], { cwd: folder });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout, { cause: error });
  }
}

/** Without this repository's programs, and without the settings that npm passes to scripts. */
function machineEnvironment(folder: string): Record<string, string> {
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((entry) => !entry.includes(`${sep}node_modules${sep}`));
  return { PATH: path.join(delimiter), HOME: folder, npm_config_cache: join(folder, ".npm") };
}

async function linkTypes(folder: string, types: string[]): Promise<void> {
  for (const name of types) {
    const source = fileURLToPath(new URL(`../../../node_modules/@types/${name}`, import.meta.url));
    await mkdir(join(folder, "node_modules", "@types"), { recursive: true });
    await symlink(source, join(folder, "node_modules", "@types", name), "dir");
  }
}
