import { createHash } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** A hash of the paths and contents of files: of those named, and of all in the folders named but what is installed. */
export async function hashFiles(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const name of names) {
    for (const path of await filesIn(folder, name)) {
      hash.update(`${relative(folder, path)}\n`).update(await readFile(path));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesIn(folder: string, name: string): Promise<string[]> {
  const paths: string[] = [];
  const found = glob([name, `${name}/**`], {
    cwd: folder,
    withFileTypes: true,
    exclude: ["**/node_modules"],
  });
  for await (const entry of found) {
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name));
  }
  return paths.sort();
}
