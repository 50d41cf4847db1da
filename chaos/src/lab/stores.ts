import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import type { DiskName } from "../plan/faults.ts";
import type { Disks } from "./disks.ts";
import { openStore, type Store } from "./store.ts";

/** Few, so that they are soon exhausted. */
const POSTGRES_CONNECTIONS_MAX = "40";
/** On a disk that is small and in memory the write-ahead log must not take the 1 GB that it may by default. */
const SMALL_WAL = { max_wal_size: "256MB" };

/** Where a disk of each would be, below the folder that {@link openStores} has. PostgreSQL wants to make its own folder in it. */
export function diskFolders(dataDir: string): Record<DiskName, string> {
  return {
    redis: join(dataDir, "redis"),
    postgres: join(dataDir, "disk-of-postgres"),
    ingest: join(dataDir, "ingest"),
  };
}

/** Starts a Redis and a PostgreSQL of our own, on one folder. */
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
