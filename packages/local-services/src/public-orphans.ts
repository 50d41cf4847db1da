import { lstat, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { readPidFile } from "./postgres-pid-file.ts";
import { isAlive } from "./processes.ts";

/** Which DATA_DIR a folder outside of it serves: for whoever wonders what it is. */
const OWNER_FILE = "belongs-to";

export async function noteOwner(home: string, dataDir: string): Promise<void> {
  await writeFile(join(home, OWNER_FILE), `${dataDir}\n`);
}

/**
 * Deletes the clusters whose DATA_DIR was in the temporary folder and is gone, with the test run that made it. Others
 * whose DATA_DIR is not there stay: it may have been moved, or be on a disk that is not mounted.
 */
export async function sweepOrphans(publicFolder: string): Promise<void> {
  const temporary = (await realpath(tmpdir())) + sep;
  for (const name of await readdir(publicFolder)) {
    const home = join(publicFolder, name);
    const dataDir = (await readFile(join(home, OWNER_FILE), "utf8").catch(() => "")).trim();
    if (!dataDir.startsWith(temporary)) continue;
    const isThere = await lstat(dataDir).then(
      () => true,
      () => false,
    );
    const server = await readPidFile(join(home, "postgres"));
    if (isThere || (server !== null && isAlive(server.pid))) continue;
    await rm(home, { recursive: true, force: true });
  }
}
