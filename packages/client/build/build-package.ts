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
 * Makes `dist` anew: each module as an ES module and as a CommonJS one, each with its types, and the script.
 *
 * Modules stay apart instead of being bundled by entry, so that an error of one entry is an instance of the class that
 * another one exports.
 *
 * @throws what tsc has to say, when the types are not right.
 */
export async function buildPackage(tracker: string): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await compile();
  for (const file of await filesIn(esm, "**/*.d.ts")) await nameModulesAsBuilt(file);
  await cp(esm, cjs, { recursive: true, filter: (path) => !path.endsWith(".js") });
  await build({
    entryPoints: await filesIn(esm, "**/*.js"),
    outdir: cjs,
    format: "cjs",
    platform: "node",
    target: ["node20.9"],
    charset: "utf8",
  });
  // Node, TypeScript and bundlers all read a file's format from the package.json that is nearest to it.
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

/** tsc names modules by what they are built to in JavaScript, but not in types. */
async function nameModulesAsBuilt(file: string): Promise<void> {
  const types = await readFile(file, "utf8");
  await writeFile(file, types.replace(/((?:from |import\()")(\.[^"]+)\.ts"/g, '$1$2.js"'));
}
