import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { createDatabase } from "./database.ts";
import { type RunningService, spawnService } from "./services.ts";

/** Ingest, worker and stats API as processes, with a database and a Redis that no other test uses. */
export type System = {
  ingest: RunningService;
  worker: RunningService;
  statsApi: RunningService;
  /** The environment of the services: `spawnService` starts another replica with it. */
  env: Record<string, string>;
  /** Their database. */
  db: Db;
  close: () => Promise<void>;
};

/**
 * Starts a system for more than one test: each start of its services takes some 2 s of a processor. The tests share its
 * database, so each makes its own models.
 *
 * @param settings of all three services; default: development, without keys.
 */
export async function openSystem(settings: Record<string, string> = {}): Promise<System> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "model-views-system-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  // Not a logical database of the shared server: single tests empty these.
  const redis = await openLocalRedis({ dataDir: folder, log: () => {}, durable: false });
  opened.defer(redis.stop);
  const database = await createDatabase();
  opened.defer(database.drop);
  const db = connect({
    databaseUrl: database.url,
    applicationName: "model-views test",
    connectionsMax: 2,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });
  opened.defer(() => db.$client.end());
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, DATA_DIR: folder, ...settings };
  const start = async (name: "ingest" | "worker" | "stats-api") => {
    const service = await spawnService(name, env);
    opened.defer(async () => void (await service.kill("SIGKILL")));
    return service;
  };
  const [ingest, worker, statsApi] = await Promise.all([
    start("ingest"),
    start("worker"),
    start("stats-api"),
  ]);
  const all = opened.move();
  return { ingest, worker, statsApi, env, db, close: () => all.disposeAsync() };
}
