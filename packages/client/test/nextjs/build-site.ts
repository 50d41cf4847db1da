import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withLock } from "../../../local-services/src/lock.ts";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const workplace = join(repository, ".cache", "nextjs");

/** The sources of the site. The copy has the same paths between them as the repository. */
const SOURCES = ["examples/nextjs", "packages/client", "tsconfig.base.json"];
/** Files that are generated there, or that change nothing in the site. */
const LEFT_OUT = new Set([
  ".next",
  "dist",
  "front-page.jpg",
  "next-env.d.ts",
  "node_modules",
  "README.md",
  "test",
]);
const LEFT_OUT_ENDINGS = [".tsbuildinfo", ".local"];

/** An address without a service: the build reads no counts. */
const NOWHERE = "http://127.0.0.1:9";

/** The folder of the example site, built. */
export const siteFolder = join(workplace, "examples", "nextjs");

/**
 * Installs and builds the example site with its own command, in a copy apart from a developer's site. Does nothing when no
 * source has changed since. It is built as an image is: without any service.
 */
export async function buildSite(): Promise<void> {
  await mkdir(workplace, { recursive: true });
  await withLock(join(workplace, "build.lock"), async () => {
    const wanted = await fingerprint();
    const markerFile = join(workplace, "built");
    if (existsSync(markerFile) && (await readFile(markerFile, "utf8")) === wanted) return;
    await rm(markerFile, { force: true });
    await copySources();
    await build();
    await writeFile(markerFile, wanted);
  });
}

/** Rejects with the output of the build when it fails. */
async function build(): Promise<void> {
  const { PATH = "", HOME = "" } = process.env;
  const registry = Object.entries(process.env).filter(([name]) => /^npm_config_/i.test(name));
  const fixed = { PATH, HOME, VIEWER_ID_SALT: "not of the build" };
  const env = { ...Object.fromEntries(registry), ...fixed, INGEST_URL: NOWHERE, STATS_URL: NOWHERE };
  const options = { cwd: siteFolder, env };
  await promisify(execFile)(process.execPath, ["run.js", "build"], options).catch(
    ({ stdout, stderr, message }) => {
      throw new Error(`${message}\n${stdout}\n${stderr}`);
    },
  );
}

async function fingerprint(): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const source of SOURCES) {
    for (const file of await filesIn(join(repository, source))) {
      hash.update(relative(repository, file)).update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [path];
  const sources = entries.filter(({ name }) => isSource(name)).map(({ name }) => join(path, name));
  return (await Promise.all(sources.sort().map(filesIn))).flat();
}

function isSource(path: string): boolean {
  const name = basename(path);
  return !LEFT_OUT.has(name) && !LEFT_OUT_ENDINGS.some((ending) => name.endsWith(ending));
}

/** Earlier installations and builds stay, so the next ones are quick. */
async function copySources(): Promise<void> {
  for (const source of SOURCES) {
    const copy = join(workplace, source);
    for (const name of await readdir(copy).catch(() => [])) {
      if (isSource(name)) await rm(join(copy, name), { recursive: true });
    }
    await cp(join(repository, source), copy, { recursive: true, filter: isSource });
  }
  const modules = join(workplace, "packages", "client", "node_modules");
  await rm(modules, { recursive: true, force: true });
  await symlink(join(repository, "packages", "client", "node_modules"), modules, "dir");
  // The copy lies in the repository, whose packages are installed already.
  await mkdir(join(workplace, "commands"), { recursive: true });
  await cp(join(repository, "commands", "run.sh"), join(workplace, "commands", "run.sh"));
  await writeFile(join(workplace, "commands", "bootstrap.js"), "");
}
