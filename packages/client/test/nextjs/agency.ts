import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODELS } from "../../../../examples/nextjs/lib/models.ts";
import { openLocalRedis } from "../../../local-services/src/redis.ts";
import { createDatabase } from "../../../testing/src/fixtures.ts";
import { spawnService } from "../../../testing/src/services.ts";
import { createModelViews } from "../../src/create-model-views.ts";
import type { ModelViews } from "../../src/model-views.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type RunningSite, startSite } from "./running-site.ts";

/** What the site and the services share. */
export const KEYS = {
  SERVER_KEY: "the-key-of-a-server",
  STATS_KEY: "the-key-for-statistics",
  ADMIN_KEY: "the-key-of-an-admin",
  VIEWER_ID_SALT: "a salt for tests, of 32 characters",
};

/** The example site with its services, as they run in production. */
export type Agency = {
  site: RunningSite;
  /** What the site takes for ingest and for the stats API. */
  ingest: Relay;
  stats: Relay;
  /** Both reachable again, after a test that was about something else. */
  reconnect: () => void;
  /** The statistics, asked past the relay. */
  modelViews: ModelViews;
  close: () => Promise<void>;
};

/**
 * Starts the site, and then the services: it stores its models as soon as it can. Resolves when that is done.
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
  const folder = await mkdtemp(join(tmpdir(), "model-views-agency-"));
  // Of its own: the Redis databases of single tests go round, and are emptied.
  const redis = await openLocalRedis({ dataDir: folder, log: () => {}, durable: false });
  const database = await createDatabase();
  const env = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    DATA_DIR: folder,
    VIEWER_ID_SALT: KEYS.VIEWER_ID_SALT,
    SERVER_KEYS: KEYS.SERVER_KEY,
    STATS_KEYS: KEYS.STATS_KEY,
    ADMIN_KEYS: KEYS.ADMIN_KEY,
    ALLOWED_ORIGINS: origin,
  };
  const [ingest, statsApi, worker] = await Promise.all([
    spawnService("ingest", env),
    spawnService("stats-api", env),
    spawnService("worker", env),
  ]);
  const modelViews = createModelViews({
    ingestUrl: ingest.url,
    statsUrl: statsApi.url,
    serverKey: KEYS.SERVER_KEY,
    statsKey: KEYS.STATS_KEY,
    timeoutMs: 10_000,
  });
  return {
    ingestUrl: ingest.url,
    statsUrl: statsApi.url,
    modelViews,
    async stop() {
      await Promise.all([ingest, statsApi, worker].map(({ kill }) => kill("SIGKILL")));
      await database.drop();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The site stores its models by itself. */
async function modelsStored({ orThrow }: ModelViews): Promise<void> {
  const ids = MODELS.map(({ id }) => id);
  while ((await orThrow.getStats(ids)).length < MODELS.length);
}
