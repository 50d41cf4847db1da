import type { LocalServer, LocalServerOptions } from "./local-server.ts";
import { type LocalPostgresOptions, openLocalPostgres } from "./postgres.ts";
import { type LocalRedisOptions, openLocalRedis } from "./redis.ts";

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
  /** Stops both, or leaves them, as each one's own stop() does; rejects when one of them could not be stopped. */
  stop(): Promise<void>;
};

/**
 * Finds or starts PostgreSQL and Redis, side by side. When one of them fails the other is stopped again, and the
 * error tells of both. Cannot be cancelled: await it, then stop().
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
  await stopAll(opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))).catch(() => {});
  throw together(opened.flatMap((one) => (one.status === "rejected" ? [one.reason] : [])));
}

async function stopAll(servers: readonly LocalServer[]): Promise<void> {
  const stopped = await Promise.allSettled(servers.map((server) => server.stop()));
  const failures = stopped.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (failures.length > 0) throw together(failures);
}

function together(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  return new AggregateError(failures, messages.join("\n"));
}
