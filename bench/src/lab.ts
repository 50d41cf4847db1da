import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { openLocalServices } from "@model-views/local-services/open.ts";
import { removeLocalData } from "@model-views/local-services/remove.ts";
import { Redis } from "ioredis";
import { emptyRedis } from "./empty-redis.ts";
import { launch, type Program, type RunningProgram } from "./launch.ts";

/** What a comparison has to itself: a PostgreSQL with our schema, a Redis, and processes. */
export type Lab = {
  /** Of all that is in it nothing stays, unless it is kept. */
  folder: string;
  databaseUrl: string;
  redisUrl: string;
  db: Db;
  redis: Redis;
  /** Starts a program; it is stopped with the lab at the latest. */
  start(program: Program): Promise<RunningProgram>;
  /** Empties Redis and its append-only file. */
  emptyRedis(): Promise<void>;
};

const DATABASE_CONNECTIONS_MAX = 4;
/** Verifying the rollups and truncating tables included. */
const STATEMENT_TIMEOUT_MS = 120_000;

export type LabOptions = {
  stopped: Promise<void>;
  say: (line: string) => void;
  /** A folder that stays, for what takes long to make, and how PostgreSQL is run there. It may be lost in a power cut. */
  kept?: { folder: string; postgresSettings: Record<string, string> };
};

/**
 * Opens everything in a temporary folder, as safe against power cuts as in production (PostgreSQL's fsync, Redis'
 * append-only file once a second), runs `work`, and leaves nothing behind, unless it is to be `kept`. Closes as well when
 * `stopped` resolves first, and answers undefined then; `work` fails by itself, with nobody listening.
 */
export async function withLab<Result>(
  work: (lab: Lab) => Promise<Result>,
  { stopped, say, kept }: LabOptions,
): Promise<Result | undefined> {
  await using opened = new AsyncDisposableStack();
  const folder = kept?.folder ?? (await temporaryFolder(opened));
  const services = await openLocalServices({
    dataDir: folder,
    own: true,
    durable: kept === undefined,
    postgresSettings: kept?.postgresSettings,
    log: say,
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
      const running = await launch(program, say);
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
  // For root, PostgreSQL runs as another user, who has to pass.
  await chmod(folder, 0o711);
  opened.defer(() => removeLocalData({ dataDir: folder }));
  return folder;
}
