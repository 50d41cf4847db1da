import { createApiKeyCheck, type HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { createReadiness } from "@model-views/shared/http/health.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { createStatsApi, type StatsApiDeps } from "../src/app.ts";
import { createSessions } from "../src/guards/sessions.ts";
import { statsReadiness } from "../src/routes/health.ts";

/** The present, for the API under test. */
export const now = new Date("2026-11-22T12:00:00.000Z");
export type Api = {
  ask: (path: string, init?: RequestInit) => Promise<Response>;
  json: (path: string) => Promise<unknown>;
};

const open = createApiKeyCheck([], { isDevelopment: true });

/** What the stats API needs besides a database: no limits, and no keys. */
export const openDeps = {
  cache: undefined,
  mayRead: open,
  mayChange: open,
  allowedOrigins: [],
  clientAddress: () => undefined,
  rateLimit: createRateLimit(0),
  onWrongKey: () => {},
  onRefusal: () => {},
  adminName: () => "tester",
  keyName: () => undefined,
  queueRedis: undefined,
  keys: [],
  sessionsAt: createSessions([]),
  pipelineMs: 0,
  dashboardFolder: undefined,
  questionsMax: { connections: 8, views: 4 },
  now: () => now,
  erasureTime: async () => now,
  logger: createLogger({ service: "test", level: "silent" }),
} as const;

/** The stats API for as long as `work` takes. What is not given is as in {@link test}. */
export async function withApi<Result>(
  deps: Partial<StatsApiDeps> & Pick<StatsApiDeps, "db">,
  work: (api: Api) => Promise<Result>,
): Promise<Result> {
  const app = createStatsApi({
    ...openDeps,
    adminDb: deps.db,
    readiness: createReadiness(statsReadiness({ db: deps.db, adminDb: deps.adminDb ?? deps.db })),
    erasureTime: async () => (deps.now ?? openDeps.now)(),
    metrics: createMetrics(),
    ...deps,
  });
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${portOf(server)}${path}`, init);
  try {
    return await work({ ask, json: async (path) => (await ask(path)).json() });
  } finally {
    await closeServer(server);
  }
}

/** The stats API on the test's own database. It needs no keys, unless a test sets some. */
export const test = base.extend<{
  keys: { mayRead: HasApiKey; mayChange: HasApiKey };
  /** What differs from {@link openDeps}. */
  deps: Partial<StatsApiDeps>;
  /** The present, for the API: a test may change it. */
  clock: { now: Date };
  api: Api;
}>({
  keys: { mayRead: open, mayChange: open },
  deps: {},
  clock: async ({ task: _ }, use) => use({ now }),
  api: ({ db, keys, clock, deps }, use) => withApi({ db, ...keys, now: () => clock.now, ...deps }, use),
});
