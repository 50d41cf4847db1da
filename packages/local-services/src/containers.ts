import { createHash } from "node:crypto";
import type { Log } from "./local-server.ts";

/**
 * The last way: Docker, or whatever testcontainers finds in its place. The data is in a named volume, so it outlives the
 * container; `withReuse` takes up a container that an earlier, killed launcher left, and keeps testcontainers'
 * reaper, which would remove it with its launcher, away.
 *
 * Unlike the other ways, Docker publishes the port on all addresses of the machine: the password guards it.
 */
export type Container = { url: string; stop(): Promise<void> };

export type ContainerRequest = {
  dataDir: string;
  password: string;
  durable: boolean;
  settings: Record<string, string>;
  log: Log;
};

const POSTGRES_IMAGE = "postgres:18";
const REDIS_IMAGE = "redis:8";
/** Pulling the image is not counted. */
const STARTUP_MS_MAX = 120_000;
/** Before the engine kills it. */
const STOP_MS_MAX = 20_000;
const REDIS_PORT = 6379;

/** Rejects when no container engine answers, or the container does not start. */
export async function startPostgresContainer(
  request: ContainerRequest,
  database: string,
  user: string,
): Promise<Container> {
  // Loaded only when it comes to this: it takes most of a second.
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  request.log(`starting a container of ${POSTGRES_IMAGE}...`);
  const settings = { timezone: "UTC", ...(request.durable ? {} : { fsync: "off" }), ...request.settings };
  const container = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withDatabase(database)
    .withUsername(user)
    .withPassword(request.password)
    .withCommand([
      "postgres",
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ])
    .withBindMounts([{ source: volumeName("postgres", request.dataDir), target: "/var/lib/postgresql" }])
    .withLabels({ "model-views.data-dir": request.dataDir })
    .withStartupTimeout(STARTUP_MS_MAX)
    .withReuse()
    .start();
  return { url: container.getConnectionUri(), stop: () => stopContainer(container) };
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
  const container = await new RedisContainer(REDIS_IMAGE)
    .withCommand([
      "redis-server",
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ])
    .withBindMounts([{ source: volumeName("redis", request.dataDir), target: "/data" }])
    .withLabels({ "model-views.data-dir": request.dataDir })
    .withStartupTimeout(STARTUP_MS_MAX)
    .withReuse()
    .start();
  const host = `${container.getHost()}:${container.getMappedPort(REDIS_PORT)}`;
  return { url: `redis://:${request.password}@${host}`, stop: () => stopContainer(container) };
}

async function stopContainer(container: {
  stop(options: { timeout: number; remove: boolean }): Promise<unknown>;
}): Promise<void> {
  await container.stop({ timeout: STOP_MS_MAX, remove: true });
}

/** One volume for each DATA_DIR. */
function volumeName(service: string, dataDir: string): string {
  const id = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  return `model-views-${service}-${id}`;
}
