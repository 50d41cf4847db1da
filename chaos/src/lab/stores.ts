import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { Redis } from "ioredis";
import type { DiskName } from "../plan/faults.ts";
import type { Disks } from "./disks.ts";
import { openStore, type Store } from "./store.ts";

/** Few, so that they are soon exhausted. */
const POSTGRES_CONNECTIONS_MAX = "40";
/** On a small disk in memory the write-ahead log must not take its default of 1 GB. */
const SMALL_WAL = { max_wal_size: "256MB" };

const ANSWER_MS_MAX = 2_000;
const RECONNECT_MS = 100;

/** Where the disk of each is, below the folder of {@link openStores}. PostgreSQL makes its own folder in its disk. */
export function diskFolders(dataDir: string): Record<DiskName, string> {
  return {
    redis: join(dataDir, "redis"),
    postgres: join(dataDir, "disk-of-postgres"),
    ingest: join(dataDir, "ingest"),
  };
}

/** Starts a Redis and a PostgreSQL for this run alone, in one folder. */
export async function openStores(
  dataDir: string,
  { disks, onPid }: { disks: Pick<Disks, "get">; onPid: (pid: number) => void },
): Promise<{ redis: Store; postgres: Store }> {
  const common = { dataDir, own: true, durable: true, log: () => {} };
  const hasDisk = "fill" in disks.get("postgres");
  if (hasDisk) await symlink(join(diskFolders(dataDir).postgres, "data"), join(dataDir, "postgres"));
  const settings = { max_connections: POSTGRES_CONNECTIONS_MAX, ...(hasDisk ? SMALL_WAL : {}) };
  const [redis, postgres] = await Promise.all([
    openStore("redis", { open: () => openLocalRedis(common), onPid }),
    openStore("postgres", { open: () => openLocalPostgres({ ...common, settings }), onPid }),
  ]);
  return { redis, postgres };
}

/** A connection for the harness. It fails at once while Redis is away, and reconnects soon after. */
export function observeRedis(url: string): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_MS_MAX,
    connectTimeout: ANSWER_MS_MAX,
    socketTimeout: ANSWER_MS_MAX,
    retryStrategy: () => RECONNECT_MS,
  });
  redis.on("error", () => {});
  return redis;
}
