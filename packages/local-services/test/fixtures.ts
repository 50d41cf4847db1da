import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { Client } from "pg";
import { test as base } from "vitest";
import type { LocalServices, LocalServicesOptions } from "../src/open.ts";
import { openLocalServices, removeLocalData } from "../src/open.ts";
import { openLocalPostgres } from "../src/postgres.ts";
import { openLocalRedis } from "../src/redis.ts";

export const isRoot = process.getuid?.() === 0;
export const asUser = isRoot ? "as root" : "as an ordinary user";

export type Opened = Omit<LocalServices, "stop">;

export type Launcher = {
  child: ChildProcess;
  /** Everything it logged until now. */
  lines: string[];
  opened: Promise<Opened>;
  /** Settles at the first line that has `text`. */
  logged(text: string): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

type Fixtures = {
  /** A folder that is gone after the test; others may look into it, as into most people's checkouts. */
  folder: string;
  /** An empty data folder, with a space in its path. Servers that still run in it after the test are stopped. */
  dataDir: string;
  /** One that all tests of a file use, one after the other: it spares them the second that a new cluster takes. */
  sharedDataDir: string;
  sharedFolder: string;
  /** In place of /var/lib/model-views. */
  publicFolder: string;
  /** As root, `id` can be another user's and group's. */
  launch: (options: Omit<LocalServicesOptions, "log"> & { only?: "postgres" }, id?: number) => Launcher;
};

export const test = base.extend<Fixtures>({
  folder: async ({ task: _ }, use) => {
    const folder = await makeFolder();
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  publicFolder: async ({ folder }, use) => use(join(folder, "public")),
  dataDir: async ({ folder, publicFolder }, use) => {
    const dataDir = join(folder, "data dir");
    await use(dataDir);
    await stopLeftovers(dataDir);
    await removeLocalData({ dataDir, publicFolder });
  },
  sharedFolder: [
    async ({ task: _ }, use) => {
      const folder = await makeFolder();
      await use(folder);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "file" },
  ],
  sharedDataDir: async ({ sharedFolder }, use) => {
    const dataDir = join(sharedFolder, "data dir");
    await use(dataDir);
    await stopLeftovers(dataDir);
  },
  launch: async ({ task: _ }, use) => {
    const launchers: Launcher[] = [];
    await use((options, id) => {
      const launcher = startLauncher(options, id);
      launchers.push(launcher);
      return launcher;
    });
    for (const launcher of launchers) await launcher.kill();
  },
});

async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "local-services-")));
  await chmod(folder, 0o755);
  return folder;
}

/** Opens without the ways that start anything: what runs is found, and stopped; what does not run stays so. */
async function stopLeftovers(dataDir: string): Promise<void> {
  const closed = async () => ({ refused: "closed" });
  const container = async () => {
    throw new Error("closed");
  };
  const options = { dataDir, own: true, log: () => {} };
  const found = await Promise.allSettled([
    openLocalPostgres({ ...options, ways: { embedded: closed, onPath: closed, container } }),
    openLocalRedis({ ...options, ways: { onPath: closed, debian: closed, container } }),
  ]);
  for (const one of found) if (one.status === "fulfilled") await one.value.stop();
}

function startLauncher(options: object, id?: number): Launcher {
  const script = fileURLToPath(new URL("launcher.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    ...(id === undefined ? {} : { uid: id, gid: id }),
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const { promise: opened, resolve, reject } = Promise.withResolvers<Opened>();
  opened.catch(() => {});
  child.once("exit", () => reject(new Error(`the launcher ended:\n${lines.join("\n")}`)));
  child.stdin?.on("error", () => {});
  createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
    const report = JSON.parse(line) as { log?: string; opened?: Opened };
    if (report.log !== undefined) lines.push(report.log);
    if (report.opened !== undefined) resolve(report.opened);
    for (const look of waiting) look();
  });
  const exit = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return {
    child,
    lines,
    opened,
    logged: (text) =>
      new Promise((found) => {
        const look = () => {
          if (!lines.some((line) => line.includes(text))) return;
          waiting.delete(look);
          found();
        };
        waiting.add(look);
        look();
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await exit();
    },
    stop: async () => {
      child.stdin?.end("stop\n");
      await exit();
    },
  };
}

/** Both servers in this process, quick and careless; what they log is in `lines`. */
export async function open(
  dataDir: string,
  options: Partial<LocalServicesOptions> = {},
): Promise<LocalServices & { lines: string[] }> {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  return { ...(await openLocalServices({ dataDir, durable: false, log, ...options })), lines };
}

export async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

export async function redisCall(url: string, command: string, ...args: string[]): Promise<unknown> {
  const once = {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  };
  const redis = new Redis(url, once);
  redis.on("error", () => {});
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    if (redis.status !== "end") redis.disconnect();
  }
}
