import { closeServer, listen, portOf } from "@model-views/shared/http-server.ts";
import { createKeyCheck, type HasKey } from "@model-views/shared/keys.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { createMetrics } from "@model-views/shared/metrics.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { createStatsApi } from "../src/app.ts";

/** What the API under test takes for the present. */
export const now = new Date("2026-11-22T12:00:00.000Z");
export type Api = {
  ask: (path: string, init?: RequestInit) => Promise<Response>;
  json: (path: string) => Promise<unknown>;
};

const open = createKeyCheck([], { isDevelopment: true });

/** The stats API on a database of the test's own; everybody may do everything, unless a test says otherwise. */
export const test = base.extend<{
  keys: { mayRead: HasKey; mayChange: HasKey };
  /** What the API takes for the present: a test may change it. */
  clock: { now: Date };
  api: Api;
}>({
  keys: { mayRead: open, mayChange: open },
  clock: async ({ task: _ }, use) => use({ now }),
  api: async ({ db, keys, clock }, use) => {
    const app = createStatsApi({
      db,
      ...keys,
      periodQuestionsMax: 4,
      now: () => clock.now,
      logger: createLogger({ service: "test", level: "silent" }),
      metrics: createMetrics(),
    });
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    const ask = (path: string, init?: RequestInit) =>
      fetch(`http://127.0.0.1:${portOf(server)}${path}`, init);
    await use({ ask, json: async (path) => (await ask(path)).json() });
    await closeServer(server);
  },
});
