import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { openStore, type Store } from "./store.ts";

/** Few, so that they are soon exhausted. */
const POSTGRES_CONNECTIONS_MAX = "40";

/** Starts a Redis and a PostgreSQL of our own, on one folder. */
export async function openStores(
  dataDir: string,
  onPid: (pid: number) => void,
): Promise<{ redis: Store; postgres: Store }> {
  const common = { dataDir, own: true, durable: true, log: () => {} };
  const [redis, postgres] = await Promise.all([
    openStore("redis", { open: () => openLocalRedis(common), onPid }),
    openStore("postgres", {
      open: () => openLocalPostgres({ ...common, settings: { max_connections: POSTGRES_CONNECTIONS_MAX } }),
      onPid,
    }),
  ]);
  return { redis, postgres };
}
