import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalRedis } from "../../../local-services/src/redis.ts";
import { createDatabase } from "../../../testing/src/fixtures.ts";
import { spawnService } from "../../../testing/src/services.ts";
import { createModelViews } from "../../src/create-model-views.ts";
import type { ModelViews } from "../../src/model-views.ts";

/** What the website and the services share. */
export const KEYS = {
  SERVER_KEY: "server-key-of-the-tests",
  STATS_KEY: "stats-key-of-the-tests",
  VIEWER_ID_SALT: "a salt for tests, of 32 characters",
};
const ADMIN_KEY = "admin-key-of-the-tests";

/** Ingest, worker and stats API as they run in production, for all tests of a file. */
export type ProductionSystem = {
  ingestUrl: string;
  statsUrl: string;
  /** Asked by the test itself, past every proxy. */
  modelViews: ModelViews;
  /** Creates a model, and gives its id. */
  addModel: (name: string) => Promise<string>;
  close: () => Promise<void>;
};

/** @param origins of the websites, whose pages may post views */
export async function startProductionSystem(origins: readonly string[]): Promise<ProductionSystem> {
  const folder = await mkdtemp(join(tmpdir(), "model-views-production-"));
  // Of its own: the Redis databases of single tests go round, and are emptied.
  const redis = await openLocalRedis({ dataDir: folder, log: () => {}, durable: false });
  const database = await createDatabase();
  const environment = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    DATA_DIR: folder,
    VIEWER_ID_SALT: KEYS.VIEWER_ID_SALT,
    SERVER_KEYS: KEYS.SERVER_KEY,
    STATS_KEYS: KEYS.STATS_KEY,
    ADMIN_KEYS: ADMIN_KEY,
    ALLOWED_ORIGINS: origins.join(),
    TRUST_PROXY: "1",
  };
  const services = await Promise.all(
    (["ingest", "stats-api", "worker"] as const).map((name) => spawnService(name, environment)),
  );
  const [ingest, statsApi] = services;
  if (ingest === undefined || statsApi === undefined) throw new Error("a service is missing");
  const modelViews = createModelViews({
    ingestUrl: ingest.url,
    statsUrl: statsApi.url,
    serverKey: KEYS.SERVER_KEY,
    statsKey: KEYS.STATS_KEY,
    adminKey: ADMIN_KEY,
    timeoutMs: 10_000,
  });
  return {
    ingestUrl: ingest.url,
    statsUrl: statsApi.url,
    modelViews,
    async addModel(name) {
      const id = randomUUID();
      await modelViews.orThrow.putModel({ id, name });
      return id;
    },
    async close() {
      await Promise.all(services.map(({ kill }) => kill("SIGKILL")));
      await database.drop();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
