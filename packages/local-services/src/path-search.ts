import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** The first file called `name` that may be executed in the folders of `path` (a PATH variable); else null. */
export async function findOnPath(name: string, path: string | undefined): Promise<string | null> {
  const fileName = process.platform === "win32" ? `${name}.exe` : name;
  for (const folder of (path ?? "").split(delimiter)) {
    // A relative folder would mean another program wherever we happen to stand.
    if (!isAbsolute(folder)) continue;
    const file = join(folder, fileName);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}
