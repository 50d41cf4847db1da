import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

export type PidFile = { pid: number; port: number };

/**
 * What a cluster's postmaster.pid says (lines 1 and 4); null when there is none. It outlives a server that was killed,
 * and then names a process that is gone or is another by now.
 */
export async function readPidFile(cluster: string): Promise<PidFile | null> {
  const lines = (await readOrEmpty(join(cluster, "postmaster.pid"))).split("\n");
  const pid = Math.abs(Number(lines[0]));
  const port = Number(lines[3]);
  return pid > 0 ? { pid, port } : null;
}

/** An empty one, which a power cut can leave, keeps PostgreSQL from starting for ever. Only for when no server runs. */
export async function removeEmptyPidFile(cluster: string): Promise<void> {
  const file = join(cluster, "postmaster.pid");
  if ((await readOrEmpty(file)).trim() === "") await rm(file, { force: true });
}

/** The port the server had when it was last started, so that its URL stays the same; null before the first start. */
export async function readLastPort(cluster: string): Promise<number | null> {
  const command = await readOrEmpty(join(cluster, "postmaster.opts"));
  const port = Number(/"port=(\d+)"/.exec(command)?.[1]);
  return port > 0 ? port : null;
}

async function readOrEmpty(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
