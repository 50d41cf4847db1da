import { createHash } from "node:crypto";
import type { PostgreSqlContainer } from "@testcontainers/postgresql";
import type { RedisContainer } from "@testcontainers/redis";
import type { Container, Log } from "./local-server.ts";

// Docker, or another engine that testcontainers finds: the last way that is tried. The data is in a named volume, which
// outlives the container. Docker publishes the port on all addresses of the machine, unlike the other ways: the
// password protects it.

export type ContainerRequest = {
  dataDir: string;
  password: string;
  durable: boolean;
  settings: Record<string, string>;
  log: Log;
};

const POSTGRES_IMAGE = "postgres:18";
const REDIS_IMAGE = "redis:8";
const REDIS_PORT = 6379;
/** Milliseconds for the start, without pulling the image. */
const STARTUP_MS_MAX = 120_000;
/** Milliseconds until the engine kills it. */
const STOP_MS_MAX = 20_000;

/** Rejects when no container engine answers, or the container does not start. */
export async function startPostgresContainer(
  request: ContainerRequest,
  { database, user }: { database: string; user: string },
): Promise<Container> {
  // Loaded here, because it takes most of a second.
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  request.log(`starting a container of ${POSTGRES_IMAGE}...`);
  const settings = { timezone: "UTC", ...(request.durable ? {} : { fsync: "off" }), ...request.settings };
  const container = new PostgreSqlContainer(POSTGRES_IMAGE)
    .withDatabase(database)
    .withUsername(user)
    .withPassword(request.password)
    .withCommand([
      "postgres",
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ]);
  const started = await kept(container, request, "/var/lib/postgresql", "postgres").start();
  return { url: started.getConnectionUri(), stop: async () => void (await started.stop(STOP_OPTIONS)) };
}

/** Rejects when no container engine answers, or the container does not start. */
export async function startRedisContainer(request: ContainerRequest): Promise<Container> {
  const { RedisContainer } = await import("@testcontainers/redis");
  request.log(`starting a container of ${REDIS_IMAGE}...`);
  const settings = {
    requirepass: request.password,
    appendonly: "yes",
    appendfsync: request.durable ? "everysec" : "no",
    "maxmemory-policy": "noeviction",
    ...request.settings,
  };
  const container = new RedisContainer(REDIS_IMAGE).withCommand([
    "redis-server",
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  ]);
  const started = await kept(container, request, "/data", "redis").start();
  const host = `${started.getHost()}:${started.getMappedPort(REDIS_PORT)}`;
  return {
    url: `redis://:${request.password}@${host}`,
    stop: async () => void (await started.stop(STOP_OPTIONS)),
  };
}

const STOP_OPTIONS = { timeout: STOP_MS_MAX, remove: true };

/**
 * Keeps the data in one volume for each DATA_DIR and service. `withReuse` reuses a container that a killed launcher
 * left; without it, testcontainers would remove the container with its launcher.
 */
function kept<Kind extends PostgreSqlContainer | RedisContainer>(
  container: Kind,
  { dataDir }: ContainerRequest,
  target: string,
  service: string,
): Kind {
  const id = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  container
    .withBindMounts([{ source: `model-views-${service}-${id}`, target }])
    .withLabels({ "model-views.data-dir": dataDir })
    .withStartupTimeout(STARTUP_MS_MAX)
    .withReuse();
  return container;
}
