import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalServer } from "@model-views/local-services/local-server.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { Redis } from "ioredis";
import { test as base } from "./fixtures.ts";

/** A Redis for one test alone, which may stop and kill it. */
export type OwnRedis = {
  url: string;
  kill: (signal: NodeJS.Signals) => void;
  start: () => Promise<void>;
  client: () => Redis;
};

/** The usual fixtures, and a Redis for this test alone, in a separate folder. */
export const test = base.extend<{ folder: string; ownRedis: OwnRedis }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-away-"));
    await use(folder);
    // A process that was just killed may have made a file a moment ago.
    await rm(folder, { recursive: true, maxRetries: 5 });
  },
  ownRedis: async ({ folder }, use) => {
    const open = () => openLocalRedis({ dataDir: folder, log: () => {} });
    let server: LocalServer = await open();
    const clients: Redis[] = [];
    await use({
      url: server.url,
      kill: (signal) => process.kill(server.pid ?? 0, signal),
      async start() {
        // Released first: as long as one user of a server has not released it, the next one does not stop it.
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
