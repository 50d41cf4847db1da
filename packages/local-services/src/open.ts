import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDataDir } from "./data-dir.ts";
import type { LocalServer, LocalServerOptions } from "./local-server.ts";
import { withLock } from "./lock.ts";
import { type LocalPostgresOptions, openLocalPostgres } from "./postgres.ts";
import { clusterFolder, clusterPidFile } from "./postgres-cluster.ts";
import { readPid, servesFolder } from "./processes.ts";
import { reasonOf } from "./programs.ts";
import { type LocalRedisOptions, openLocalRedis } from "./redis.ts";
import { isPublic, PUBLIC_FOLDER } from "./root.ts";

export type LocalServicesOptions = Omit<LocalServerOptions, "settings"> &
  Pick<LocalPostgresOptions, "databaseUrl"> &
  Pick<LocalRedisOptions, "redisUrl"> & {
    postgresSettings?: Record<string, string> | undefined;
    redisSettings?: Record<string, string> | undefined;
  };

export type LocalServices = {
  /** With user and password: not for logs. */
  databaseUrl: string;
  redisUrl: string;
  /** Null for a server that was given or lives in a container. */
  postgresPid: number | null;
  redisPid: number | null;
  /** Stops both, or leaves them, as each one's stop() does; rejects when one of them could not be stopped. */
  stop(): Promise<void>;
};

/**
 * Finds or starts PostgreSQL and Redis, side by side. When one of them fails, the other is stopped again, and the error
 * names both reasons. Cannot be cancelled: await it, then stop().
 */
export async function openLocalServices(options: LocalServicesOptions): Promise<LocalServices> {
  const { postgresSettings, redisSettings, ...common } = options;
  const opened = await Promise.allSettled([
    openLocalPostgres({ ...common, settings: postgresSettings }),
    openLocalRedis({ ...common, settings: redisSettings }),
  ]);
  const [postgres, redis] = opened;
  if (postgres.status === "fulfilled" && redis.status === "fulfilled") {
    return {
      databaseUrl: postgres.value.url,
      redisUrl: redis.value.url,
      postgresPid: postgres.value.pid,
      redisPid: redis.value.pid,
      stop: () => stopAll([redis.value, postgres.value]),
    };
  }
  const others = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value.stop()] : []));
  throw failureOf([...opened, ...(await Promise.allSettled(others))]);
}

async function stopAll(servers: readonly LocalServer[]): Promise<void> {
  const failure = failureOf(await Promise.allSettled(servers.map((server) => server.stop())));
  if (failure !== undefined) throw failure;
}

/** All that went wrong, as one error; undefined when nothing did. */
function failureOf(settled: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  return reasons.length > 1 ? new AggregateError(reasons, reasons.map(reasonOf).join("\n")) : reasons[0];
}

/**
 * Deletes the data of both local servers for good, with their files in DATA_DIR and what root keeps outside of it. Other
 * files in DATA_DIR stay. For tests: stop() first. Rejects, and deletes nothing, while one of them still runs.
 */
export async function removeLocalData({
  dataDir: given,
  publicFolder = PUBLIC_FOLDER,
}: {
  dataDir: string;
  publicFolder?: string;
}): Promise<void> {
  const dataDir = await makeDataDir(given);
  const cluster = await clusterFolder(dataDir);
  await withLock(join(dataDir, "postgres.lock"), () =>
    withLock(join(dataDir, "redis.lock"), async () => {
      await refuseWhileRunning(clusterPidFile(cluster), cluster);
      await refuseWhileRunning(join(dataDir, "redis.pid"), join(dataDir, "redis"));
      const folder = isPublic(cluster, publicFolder) ? dirname(cluster) : cluster;
      await rm(folder, { recursive: true, force: true });
    }),
  );
  for (const name of (await readdir(dataDir)).filter((each) => /^(postgres|redis)($|[.-])/.test(each))) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

async function refuseWhileRunning(pidFile: string, folder: string): Promise<void> {
  const pid = await readPid(pidFile);
  if (pid !== null && (await servesFolder(pid, folder)) !== false)
    throw new Error(`process ${pid} still serves ${folder}: stop it first`);
}
