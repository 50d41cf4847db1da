import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../local-services/src/lock.ts";
import { packClient } from "./installed-project.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const projectsFolder = fileURLToPath(new URL("./projects", import.meta.url));
const cacheFolder = join(repository, ".cache", "client-projects");

/** How much a command may print, in bytes. */
const OUTPUT_BYTES_MAX = 16 * 1_024 * 1_024;

/** The projects of `test/projects`, with the tarball installed beside what they depend on. */
export type InstalledProjects = {
  folder: string;
  tarball: string;
  /** Where the package `name` of the projects is. */
  dependency: (name: string) => string;
  /** Runs a script on this Node, or on another one, in a project. Rejects with what it printed when it fails. */
  run: (project: string, args: string[], options?: RunOptions) => Promise<string>;
  /** Starts a script that sends `{ port }` when it listens. */
  start: (project: string, args: string[], env?: Record<string, string>) => Promise<RunningWebsite>;
  remove: () => Promise<void>;
};

type RunOptions = { node?: string; env?: Record<string, string> };

/** A website in a separate process. */
export type RunningWebsite = { url: string; stop: () => Promise<void> };

/**
 * Copies the projects to where their dependencies are installed, and installs the packed client there. The dependencies
 * have a separate lock file and are not part of the workspace, so its first installation stays quick.
 */
export async function installProjects(): Promise<InstalledProjects> {
  const dependencies = await installDependencies();
  const folder = await mkdtemp(join(dependencies, "run-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const tarball = await packClient(folder);
    await promisify(execFile)("tar", ["-xzf", tarball, "-C", folder]);
    await mkdir(join(folder, "node_modules"));
    await rename(join(folder, "package"), join(folder, "node_modules", "model-views-client"));
    await cp(projectsFolder, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
    return {
      folder,
      tarball,
      dependency: (name) => join(dependencies, "node_modules", name),
      run: (project, args, options) => runNode(join(folder, project), args, options),
      start: (project, args, env) => startNode(join(folder, project), args, env),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Installs what the lock file of the projects names, once for each lock file. */
async function installDependencies(): Promise<string> {
  const files = ["package.json", "pnpm-lock.yaml"];
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of files) hash.update(await readFile(join(projectsFolder, file)));
  const folder = join(cacheFolder, hash.digest("hex").slice(0, 16));
  await mkdir(folder, { recursive: true });
  await withLock(join(cacheFolder, "install.lock"), async () => {
    const marker = join(folder, "installed");
    if (existsSync(marker)) return;
    for (const file of files) await cp(join(projectsFolder, file), join(folder, file));
    const { packageManager } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
    const args = ["-y", packageManager, "install", "--ignore-workspace", "--frozen-lockfile"];
    await promisify(execFile)("npx", args, { cwd: folder, env: { ...process.env, CI: "1" } });
    await writeFile(marker, "");
  });
  return folder;
}

async function runNode(
  folder: string,
  args: string[],
  { node = process.execPath, env = {} }: RunOptions = {},
): Promise<string> {
  const options = { cwd: folder, env: { ...plainEnvironment(), ...env }, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    const { stdout, stderr } = await promisify(execFile)(node, args, options);
    return stdout + stderr;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

async function startNode(
  folder: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<RunningWebsite> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...plainEnvironment(), ...env },
    // With a channel: it ends when this process does.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      printed += data;
    });
  }
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message: { port: number }) => resolve(message.port));
    child.once("error", reject);
    void exited.then(() => reject(new Error(`${args[0]} ended before it listened:\n${printed}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Without the variables of the test runner. */
function plainEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, CI: "1", NEXT_TELEMETRY_DISABLED: "1" };
}
