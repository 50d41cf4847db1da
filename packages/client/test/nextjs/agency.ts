import { MODELS } from "../../../../examples/nextjs/lib/models.ts";
import { openSystem } from "../../../testing/src/system.ts";
import { createModelViews } from "../../src/create-model-views.ts";
import type { ModelViews } from "../../src/model-views.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type RunningSite, startSite } from "./running-site.ts";

/** Settings that the site and the services share. */
export const KEYS = {
  SERVER_KEY: "the-key-of-a-server",
  STATS_KEY: "the-key-for-statistics",
  ADMIN_KEY: "the-key-of-an-admin",
  VIEWER_ID_SALT: "a salt for tests, of 32 characters",
};

/** The example site with its services, as they run in production. */
export type Agency = {
  site: RunningSite;
  /** Relays to ingest and to the stats API, whose addresses the site has. */
  ingest: Relay;
  stats: Relay;
  /** Makes both reachable again, after a test that made them fail. */
  reconnect: () => void;
  /** Calls the services directly, not through the relays. */
  modelViews: ModelViews;
  close: () => Promise<void>;
};

/**
 * Starts the site, and then the services. Resolves when the site has stored its models.
 *
 * @param command `dev` for the site in development, under StrictMode
 */
export async function openAgency(command: "start" | "dev"): Promise<Agency> {
  await using opened = new AsyncDisposableStack();
  const ingest = opened.use(await startRelay());
  const stats = opened.use(await startRelay());
  const site = opened.use(await startSite(command, siteSettings(ingest, stats)));
  const services = await startServices(site.url);
  opened.defer(services.stop);
  const reconnect = () => {
    ingest.to(services.ingestUrl);
    stats.to(services.statsUrl);
  };
  reconnect();
  await modelsStored(services.modelViews);
  const { modelViews } = services;
  const all = opened.move();
  return { site, ingest, stats, reconnect, modelViews, close: () => all.disposeAsync() };
}

export function siteSettings(ingest: Relay, stats: Relay): Record<string, string> {
  return { INGEST_URL: ingest.url, STATS_URL: stats.url, ...KEYS };
}

async function startServices(origin: string) {
  const { ingest, statsApi, close } = await openSystem({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    VIEWER_ID_SALT: KEYS.VIEWER_ID_SALT,
    SERVER_KEYS: KEYS.SERVER_KEY,
    STATS_KEYS: KEYS.STATS_KEY,
    ADMIN_KEYS: KEYS.ADMIN_KEY,
    ALLOWED_ORIGINS: origin,
  });
  const modelViews = createModelViews({
    ingestUrl: ingest.url,
    statsUrl: statsApi.url,
    serverKey: KEYS.SERVER_KEY,
    statsKey: KEYS.STATS_KEY,
    timeoutMs: 10_000,
  });
  return { ingestUrl: ingest.url, statsUrl: statsApi.url, modelViews, stop: close };
}

/** The site stores its models by itself. */
async function modelsStored({ orThrow }: ModelViews): Promise<void> {
  const ids = MODELS.map(({ id }) => id);
  while ((await orThrow.getStats(ids)).length < MODELS.length);
}
