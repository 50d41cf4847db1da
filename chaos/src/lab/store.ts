import type { LocalServer } from "@model-views/local-services/local-server.ts";
import { isAlive, waitForExit } from "@model-views/local-services/processes.ts";
import { childrenOf, signal } from "./child-processes.ts";

/** Redis or PostgreSQL, as a process that can be ended, stopped and started again on its data. */
export type Store = {
  name: string;
  /** With user and password, at the port that it has now. */
  url(): URL;
  /** Ends it by a signal, and resolves when its main process is gone. */
  end(how: "SIGKILL" | "SIGQUIT"): Promise<void>;
  /** Stops it and its children (SIGSTOP). */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Starts it again, unless it runs; resolves when it answers. */
  start(): Promise<void>;
  close(): Promise<void>;
};

/** An immediate stop gives PostgreSQL's children 5 s. */
const END_MS_MAX = 10_000;

/** Opens a store by `open`, which is called again after each end. `onPid` is called with its process each time. */
export async function openStore(
  name: string,
  { open, onPid }: { open: () => Promise<LocalServer>; onPid: (pid: number) => void },
): Promise<Store> {
  let server = await open();
  onPid(pidOf(server));
  let frozen: number[] = [];

  const thaw = async () => {
    for (const pid of frozen) signal(pid, "SIGCONT");
    frozen = [];
  };
  return {
    name,
    url: () => new URL(server.url),
    async end(how) {
      const pid = pidOf(server);
      signal(pid, how);
      if (!(await waitForExit(pid, END_MS_MAX))) throw new Error(`${name} does not end by ${how}`);
    },
    async freeze() {
      const pid = pidOf(server);
      // The main process first, so that it starts no child meanwhile.
      frozen = [pid];
      if (!signal(pid, "SIGSTOP")) return;
      const children = await childrenOf(pid);
      frozen.push(...children);
      for (const child of children) signal(child, "SIGSTOP");
    },
    thaw,
    async start() {
      if (isAlive(pidOf(server))) return;
      // Released first: as long as one user of a server has not released it, the next one does not stop it.
      await server.stop();
      server = await open();
      onPid(pidOf(server));
    },
    async close() {
      await thaw();
      await server.stop();
    },
  };
}

function pidOf({ pid }: LocalServer): number {
  if (pid === null)
    throw new Error("faults need a PostgreSQL and a Redis that run as local processes, not in a container");
  return pid;
}
