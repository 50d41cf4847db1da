import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { openLocalServices, removeLocalData } from "@model-views/local-services/open.ts";
import { Redis } from "ioredis";
import { type BenchProgram, launch, type RunningProgram } from "./launch.ts";

/** The PostgreSQL with our schema, the Redis and the processes of a comparison. */
export type Lab = {
  /** Removed at the end, except with {@link LabOptions.kept}. */
  folder: string;
  databaseUrl: string;
  redisUrl: string;
  db: Db;
  redis: Redis;
  /** Starts a program; it is stopped when the lab closes, if not before. */
  start(program: BenchProgram): Promise<RunningProgram>;
  /** Empties Redis and its append-only file. */
  emptyRedis(): Promise<void>;
};

const DATABASE_CONNECTIONS_MAX = 4;
const LOOK_EVERY_MS = 20;
/** Enough for verifying the rollups and truncating tables. */
const STATEMENT_TIMEOUT_MS = 120_000;

export type LabOptions = {
  stopped: Promise<void>;
  log: (line: string) => void;
  /** A folder that stays, for data that takes long to make, and the settings of its PostgreSQL. A power cut may destroy it. */
  kept?: { folder: string; postgresSettings: Record<string, string> };
};

/**
 * Opens everything in a temporary folder, as safe against power cuts as in production (PostgreSQL's fsync, Redis'
 * append-only file once a second), runs `work`, and removes everything; or uses the folder `kept`, which stays. When `stopped`
 * resolves first, it closes everything and resolves with undefined; the failure of `work` is ignored then.
 */
export async function withLab<Result>(
  work: (lab: Lab) => Promise<Result>,
  { stopped, log, kept }: LabOptions,
): Promise<Result | undefined> {
  await using opened = new AsyncDisposableStack();
  const folder = kept?.folder ?? (await temporaryFolder(opened));
  const services = await openLocalServices({
    dataDir: folder,
    own: true,
    durable: kept === undefined,
    postgresSettings: kept?.postgresSettings,
    log,
  });
  opened.defer(services.stop);

  const redis = new Redis(services.redisUrl);
  redis.on("error", () => {});
  opened.defer(() => redis.disconnect());
  const db = connect({
    databaseUrl: services.databaseUrl,
    applicationName: "model-views bench",
    connectionsMax: DATABASE_CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: () => {},
  });
  opened.defer(() => db.$client.end());
  await migrate(db, { now: new Date() });

  const { databaseUrl, redisUrl } = services;
  const lab: Lab = {
    folder,
    databaseUrl,
    redisUrl,
    db,
    redis,
    emptyRedis: () => emptyRedis(redis),
    async start(program) {
      if (opened.disposed) throw new Error("the lab is closed");
      const running = await launch(program, log);
      if (opened.disposed) await running.stop();
      else opened.defer(running.stop);
      return running;
    },
  };
  const working = work(lab);
  working.catch(() => {});
  return await Promise.race([working, stopped.then(() => undefined)]);
}

async function temporaryFolder(opened: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "model-views-bench-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  // Started by root, PostgreSQL runs as another user, who needs to pass.
  await chmod(folder, 0o711);
  opened.defer(() => removeLocalData({ dataDir: folder }));
  return folder;
}

/**
 * Deletes every key, and rewrites the append-only file. Otherwise it would grow from turn to turn, and Redis would rewrite it in
 * the middle of one.
 */
async function emptyRedis(redis: Redis): Promise<void> {
  await redis.flushdb();
  await untilRewritten(redis);
  await redis.bgrewriteaof();
  await untilRewritten(redis);
}

async function untilRewritten(redis: Redis): Promise<void> {
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info("persistence"))) {
    await pause(LOOK_EVERY_MS);
  }
}
