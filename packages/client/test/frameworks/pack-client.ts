import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const clientFolder = fileURLToPath(new URL("../..", import.meta.url));
/** As deep as the package itself, so that what it names from there (`../../tsconfig.base.json`) is found. */
const cacheFolder = fileURLToPath(new URL("../../../../.cache", import.meta.url));
/** What the package is made of. */
const SOURCES = ["src", "build", "build.ts", "package.json", "tsconfig.json", "tsconfig.build.json", "LICENSE", "README.md"];

/** The package as `npm publish` would send it. */
export type Tarball = { path: string; hash: string };

/**
 * Builds and packs the package, once for each state of its sources. In a folder of its own: other tests build into `dist`
 * at the same time.
 */
export async function packClient(): Promise<Tarball> {
  const hash = await hashFiles(clientFolder, SOURCES);
  const path = join(cacheFolder, `model-views-client-${hash}.tgz`);
  await mkdir(cacheFolder, { recursive: true });
  const cached = (await readdir(cacheFolder)).filter((name) => /^model-views-client-.*\.tgz$/.test(name));
  if (cached.includes(`model-views-client-${hash}.tgz`)) return { path, hash };
  const staging = await mkdtemp(join(cacheFolder, "packing-"));
  try {
    await Promise.all(
      SOURCES.map((name) => cp(join(clientFolder, name), join(staging, name), { recursive: true })),
    );
    await symlink(join(clientFolder, "node_modules"), join(staging, "node_modules"), "dir");
    await run(process.execPath, ["build.ts", "--dist"], { cwd: staging });
    const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json"], { cwd: staging });
    await rename(join(staging, JSON.parse(stdout)[0].filename), path);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  await Promise.all(cached.map((name) => rm(join(cacheFolder, name), { force: true })));
  return { path, hash };
}

/** A hash of the contents and names of files: of those named, and of all in the folders named. */
export async function hashFiles(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const name of names) {
    for (const path of await filesIn(folder, name)) {
      hash.update(`${relative(folder, path)}\n`).update(await readFile(path));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** A file, or every file in a folder but what is installed there, in order. */
async function filesIn(folder: string, name: string): Promise<string[]> {
  const paths: string[] = [];
  const found = glob([name, `${name}/**`], { cwd: folder, withFileTypes: true, exclude: ["**/node_modules"] });
  for await (const entry of found) {
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name));
  }
  return paths.sort();
}
