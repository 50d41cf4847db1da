import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalServer } from "@model-views/local-services/local-server.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { Redis } from "ioredis";
import { test as base } from "./fixtures.ts";

/** A Redis of the test's own, which it may hurt. */
export type OwnRedis = {
  url: string;
  kill: (signal: NodeJS.Signals) => void;
  start: () => Promise<void>;
  client: () => Redis;
};

/** As every test, with a Redis that nobody else uses, in a folder of its own. */
export const test = base.extend<{ folder: string; ownRedis: OwnRedis }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-away-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  ownRedis: async ({ folder }, use) => {
    const open = () => openLocalRedis({ dataDir: folder, log: () => {} });
    let server: LocalServer = await open();
    const clients: Redis[] = [];
    await use({
      url: server.url,
      kill: (signal) => process.kill(server.pid ?? 0, signal),
      async start() {
        // Given up first: whoever still holds a server would keep the next one from ending it.
        await server.stop();
        server = await open();
      },
      client() {
        const client = new Redis(server.url);
        clients.push(client);
        return client;
      },
    });
    for (const client of clients) client.disconnect();
    try {
      process.kill(server.pid ?? 0, "SIGCONT");
    } catch {
      // The test has killed it.
    }
    await server.stop();
  },
});
