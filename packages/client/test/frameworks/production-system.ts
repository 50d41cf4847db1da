import { randomUUID } from "node:crypto";
import { openSystem } from "../../../testing/src/system.ts";
import { createModelViews } from "../../src/create-model-views.ts";
import type { ModelViews } from "../../src/model-views.ts";

/** Settings that the website and the services share. */
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
  /** Calls the services directly, not through the proxies. */
  modelViews: ModelViews;
  /** Creates a model, and returns its id. */
  addModel: (name: string) => Promise<string>;
  close: () => Promise<void>;
};

/** @param origins of the websites, whose pages may post views */
export async function startProductionSystem(origins: readonly string[]): Promise<ProductionSystem> {
  const { ingest, statsApi, close } = await openSystem({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    VIEWER_ID_SALT: KEYS.VIEWER_ID_SALT,
    SERVER_KEYS: KEYS.SERVER_KEY,
    STATS_KEYS: KEYS.STATS_KEY,
    ADMIN_KEYS: ADMIN_KEY,
    ALLOWED_ORIGINS: origins.join(),
    TRUST_PROXY: "1",
  });
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
    close,
  };
}
