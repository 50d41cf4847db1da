import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const source = join(root, "apps/dashboard");
const cache = join(root, ".cache");

/** What the built files depend on, besides the versions of the libraries. */
const INPUTS = ["src", "public", "index.html", "build.ts", "vite.config.ts", "package.json"];

/** Milliseconds for which a build of other sources is kept. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Milliseconds that a build may take. */
const BUILD_MS_MAX = 120_000;

export type BuiltDashboard = {
  /** The folder where it is, or will be. */
  folder: string;
  /** Resolves when it is there; rejects with the build's output when it cannot be built. */
  built: Promise<void>;
  /** Whether it was there already. */
  isThere: boolean;
};

/**
 * The dashboard of this checkout, built for this state of its sources: into `.cache`, so that an unchanged one is built once.
 * Several processes may build at the same time; the first one counts.
 *
 * @param signal ends the build.
 */
export async function builtDashboard(signal?: AbortSignal): Promise<BuiltDashboard> {
  const folder = join(cache, `dashboard-${await contentHash()}`);
  const isThere = existsSync(join(folder, "index.html"));
  return { folder, isThere, built: isThere ? Promise.resolve() : buildInto(folder, signal) };
}

async function buildInto(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const staging = `${folder}-${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    await promisify(execFile)(process.execPath, [join(source, "build.ts"), "--out", staging], {
      cwd: root,
      timeout: BUILD_MS_MAX,
      ...(signal === undefined ? {} : { signal }),
      env: { ...process.env, NODE_ENV: "production", NO_COLOR: "1" },
    });
    await rename(staging, folder);
    await removeOld(folder);
  } catch (error) {
    if (!existsSync(join(folder, "index.html"))) throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Builds of former sources, but not those of the last days: another running system may serve them. */
async function removeOld(folder: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => /^dashboard-[\da-f]{16}$/.test(name));
  for (const path of names.map((name) => join(cache, name))) {
    const isOld = Date.now() - (await stat(path)).mtimeMs > KEPT_MS;
    if (isOld && path !== folder) await rm(path, { recursive: true, force: true });
  }
}

async function contentHash(): Promise<string> {
  const files = [...(await Promise.all(INPUTS.map(filesOf))).flat().sort(), "../../pnpm-lock.yaml"];
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(source, file)));
  return hash.digest("hex").slice(0, 16);
}

/** A file, or the files below a folder. */
async function filesOf(name: string): Promise<string[]> {
  if (name.includes(".")) return [name];
  const entries = await readdir(join(source, name), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(source, join(entry.parentPath, entry.name)));
}
