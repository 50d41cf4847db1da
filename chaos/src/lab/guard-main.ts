import { rm } from "node:fs/promises";
import { removeLocalData } from "@model-views/local-services/open.ts";
import { isAlive, startMark, waitForExit } from "@model-views/local-services/processes.ts";
import { childrenOf, signal } from "./child-processes.ts";
import { unmount } from "./disks.ts";
import { guardMessageSchema } from "./messages.ts";

/** Milliseconds until a killed process is gone. */
const GONE_MS_MAX = 5_000;

// Outlives the command when that is killed, and ends the processes that it left: a stopped process (SIGSTOP) does not notice that
// its parent is gone, and Redis and PostgreSQL never do.
const processes = new Map<number, string | null>();
const mounted = new Set<string>();
let folder: string | undefined;

process.on("message", (message) => {
  const parsed = guardMessageSchema.parse(message);
  if ("folder" in parsed) folder = parsed.folder;
  else if ("mounted" in parsed) mounted.add(parsed.mounted);
  else processes.set(parsed.pid, parsed.mark);
});
process.once("disconnect", () => void clean().finally(() => process.exit(0)));

async function clean(): Promise<void> {
  const left = [...processes].filter(([pid, mark]) => isAlive(pid) && startMark(pid) === mark);
  for (const [pid] of left) {
    const family = [pid, ...(await childrenOf(pid))];
    for (const each of family) signal(each, "SIGKILL");
    for (const each of family) await waitForExit(each, GONE_MS_MAX);
  }
  for (const each of mounted) await unmount(each);
  if (folder === undefined) return;
  await removeLocalData({ dataDir: folder });
  await rm(folder, { recursive: true, force: true });
}
