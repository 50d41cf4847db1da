import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDataDir } from "./data-dir.ts";
import { withLock } from "./lock.ts";
import { clusterFolder } from "./postgres-home.ts";
import { readPidFile } from "./postgres-pid-file.ts";
import { isAlive, servesFolder } from "./processes.ts";
import { PUBLIC_FOLDER } from "./public-folder.ts";
import { readPid } from "./redis-run.ts";

/**
 * Deletes the data of both local servers for good, also what root keeps outside of DATA_DIR, and their files in it; not
 * what others keep there. For tests: stop() first. Rejects, and deletes nothing, while one of them still runs.
 */
export async function removeLocalData({
  dataDir: given,
  publicFolder = PUBLIC_FOLDER,
}: {
  dataDir: string;
  publicFolder?: string;
}): Promise<void> {
  const dataDir = await makeDataDir(given);
  const cluster = await clusterFolder(dataDir);
  const redis = join(dataDir, "redis");
  await withLock(join(dataDir, "postgres.lock"), () =>
    withLock(join(dataDir, "redis.lock"), async () => {
      await refuseWhileRunning((await readPidFile(cluster))?.pid ?? null, cluster);
      await refuseWhileRunning(await readPid(join(dataDir, "redis.pid")), redis);
      await rm(cluster, { recursive: true, force: true });
      if (dirname(dirname(cluster)) === publicFolder)
        await rm(dirname(cluster), { recursive: true, force: true });
    }),
  );
  for (const name of await readdir(dataDir)) {
    if (/^(postgres|redis)($|[.-])/.test(name))
      await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

async function refuseWhileRunning(pid: number | null, folder: string): Promise<void> {
  if (pid !== null && isAlive(pid) && (await servesFolder(pid, folder)) !== false) {
    throw new Error(`process ${pid} still serves ${folder}: stop it first`);
  }
}
