import { execFile } from "node:child_process";
import { cp, glob, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const dist = join(packageFolder, "dist");
const esm = join(dist, "esm");
const cjs = join(dist, "cjs");

/**
 * Rebuilds `dist`: each module as an ES module and as a CommonJS module, each with its types, and the script.
 *
 * Modules are not bundled by entry, so an error of one entry is an instance of the class that another entry exports.
 *
 * @throws {Error} with the output of tsc when the types are wrong.
 */
export async function buildPackage(tracker: string): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await compile();
  for (const file of await filesIn(esm, "**/*.d.ts")) await rewriteExtensions(file);
  await cp(esm, cjs, { recursive: true, filter: (path) => !path.endsWith(".js") });
  await build({
    entryPoints: await filesIn(esm, "**/*.js"),
    outdir: cjs,
    format: "cjs",
    platform: "node",
    target: ["node20.9"],
    charset: "utf8",
  });
  // Node, TypeScript and bundlers read a file's format from the nearest package.json.
  await writeFile(join(cjs, "package.json"), `{ "type": "commonjs" }\n`);
  await writeFile(join(dist, "tracker.js"), tracker);
}

async function compile(): Promise<void> {
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const args = [tsc, "--project", join(packageFolder, "tsconfig.build.json")];
  await promisify(execFile)(process.execPath, args).catch(
    ({ stdout, message }: Error & { stdout: string }) => {
      throw new Error(stdout || message);
    },
  );
}

async function filesIn(folder: string, pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(join(folder, pattern))) files.push(file);
  return files;
}

/** tsc writes the new extension into imports of JavaScript, but not into imports of types. */
async function rewriteExtensions(file: string): Promise<void> {
  const types = await readFile(file, "utf8");
  await writeFile(file, types.replace(/((?:from |import\()")(\.[^"]+)\.ts"/g, '$1$2.js"'));
}
