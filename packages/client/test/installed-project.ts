import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../local-services/src/lock.ts";

const run = promisify(execFile);
const clientFolder = fileURLToPath(new URL("..", import.meta.url));
const cacheFolder = fileURLToPath(new URL("../../../.cache", import.meta.url));
const exampleFolder = fileURLToPath(new URL("../../../examples/site", import.meta.url));
const consumerFolder = fileURLToPath(new URL("./consumer", import.meta.url));
const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));

/** A project outside of this repository that has installed the tarball, and knows of nothing else here. */
export type InstalledProject = {
  folder: string;
  /** Where the package is in it, and the files that came with it. */
  installed: string;
  files: string[];
  /** Runs a command in it, on the machine's own Node. */
  run: (command: string, args: string[], env?: Record<string, string>) => Promise<string>;
  /** Compiles and checks a TypeScript file there, as strictly as can be. Rejects with what tsc has to say. */
  compile: (file: string, types: string[]) => Promise<void>;
  remove: () => Promise<void>;
};

/** Packs the package as `npm publish` would, and installs it with no registry in reach. */
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
 * Packs the client as `npm publish` would, into this folder.
 *
 * @returns the path of the tarball.
 */
export async function packClient(folder: string): Promise<string> {
  // With the home folder of the user: what builds the package may have to be installed first.
  const env = { ...machineEnvironment(folder), HOME: process.env["HOME"] ?? folder };
  await mkdir(cacheFolder, { recursive: true });
  // Each packing builds `dist` anew.
  await withLock(join(cacheFolder, "client-pack.lock"), () =>
    run("npm", ["pack", "--pack-destination", folder], { cwd: clientFolder, env }),
  );
  const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  return join(folder, tarball);
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

/** Nothing of this repository, and nothing that an npm around us would hand down. */
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
