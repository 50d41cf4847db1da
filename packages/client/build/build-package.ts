import { execFile } from "node:child_process";
import { glob, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const dist = join(packageFolder, "dist");

/**
 * Makes `dist` anew: plain modules and their types, and the script.
 *
 * @throws what tsc has to say, when the types are not right.
 */
export async function buildPackage(tracker: string): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const args = [tsc, "--project", join(packageFolder, "tsconfig.build.json")];
  await promisify(execFile)(process.execPath, args).catch(
    ({ stdout, message }: Error & { stdout: string }) => {
      throw new Error(stdout || message);
    },
  );
  for await (const file of glob(join(dist, "**/*.d.ts"))) await nameModulesAsBuilt(file);
  await writeFile(join(dist, "tracker.js"), tracker);
}

/** tsc names modules by what they are built to in JavaScript, but not in types. */
async function nameModulesAsBuilt(file: string): Promise<void> {
  const types = await readFile(file, "utf8");
  await writeFile(file, types.replace(/(from ")(\.[^"]+)\.ts"/g, '$1$2.js"'));
}
