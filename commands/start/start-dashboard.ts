import { fileURLToPath } from "node:url";
import { builtDashboard } from "@model-views/lab/built-dashboard.ts";
import { startProcess } from "@model-views/lab/service-process.ts";

export type StartedDashboard = {
  /** The folder that the stats API serves: filled within seconds where it was not built before. Undefined: it cannot be built. */
  folder: string | undefined;
  isBuilding: () => boolean;
  stop: () => Promise<void>;
};

/** Builds the dashboard beside the services that start. A build that fails is reported, and everything else runs. */
export async function startDashboard(say: (...words: string[]) => void): Promise<StartedDashboard> {
  const stopped = new AbortController();
  const found = await builtDashboard(stopped.signal).catch((error: unknown) => {
    say(`the dashboard cannot be built; everything else runs.\n${outputOf(error)}`);
  });
  if (found === undefined) return { folder: undefined, isBuilding: () => false, stop: async () => {} };
  const { folder, built, isThere } = found;
  let isBuilding = !isThere;
  const done = built.then(
    () => isThere || say("the dashboard is built"),
    (error: unknown) => {
      if (!stopped.signal.aborted)
        say(`the dashboard could not be built; everything else runs.\n${outputOf(error)}`);
    },
  );
  void done.then(() => {
    isBuilding = false;
  });
  return {
    folder,
    isBuilding: () => isBuilding,
    async stop() {
      stopped.abort();
      await done;
    },
  };
}

export type DevelopedDashboard = { url: string; stop: () => Promise<void> };

/** Serves the dashboard's sources with hot reload. Its questions go to the stats API on this port. */
export async function developDashboard(
  statsPort: number,
  onLine: (line: string) => void,
): Promise<DevelopedDashboard> {
  const child = startProcess(
    { main: fileURLToPath(new URL("../../apps/dashboard/dev.ts", import.meta.url)) },
    {
      name: "dashboard",
      env: { ...process.env, STATS_URL: `http://127.0.0.1:${statsPort}` },
      stderr: "inherit",
      onLine,
    },
  );
  const { port } = await child.listens;
  return { url: `http://127.0.0.1:${port}`, stop: async () => void (await child.end("SIGTERM")) };
}

/** What the build wrote: that names the file and the line. */
function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "stderr" in error && String(error.stderr).trim() !== ""
    ? String(error.stderr).trim()
    : error.message;
}
