import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Container, startRedisContainer } from "./containers.ts";
import { cacheDirs, makeDataDir, serverEnvironment } from "./data-dir.ts";
import type { Cache } from "./debian-packages.ts";
import { unpackDebianRedis } from "./debian-redis.ts";
import {
  type LocalServer,
  type LocalServerOptions,
  noWayError,
  type Refusal,
  reasonOf,
} from "./local-server.ts";
import { withLock, withLockIfThere } from "./lock.ts";
import { once } from "./once.ts";
import { redisUrl } from "./redis-answer.ts";
import { findRedisOnPath, REDIS_VERSION_MIN, type RedisBinary } from "./redis-binary.ts";
import { findRunningRedis, type RedisPlace, type RunningRedis, startRedis, stopRedis } from "./redis-run.ts";
import { readOrMakeSecret } from "./secret.ts";
import { use } from "./users.ts";

/** The ways to a Redis, in the order they are tried; a test closes them one by one. */
export type RedisWays = {
  onPath: (env: NodeJS.ProcessEnv) => Promise<RedisBinary | Refusal>;
  debian: (deps: Cache) => Promise<RedisBinary | Refusal>;
  container: typeof startRedisContainer;
};

export type LocalRedisOptions = LocalServerOptions & {
  /** Used as it is, neither checked nor stopped. */
  redisUrl?: string | undefined;
  ways?: Partial<RedisWays> | undefined;
};

/**
 * Finds or starts a Redis whose data is in DATA_DIR/redis: append-only, written to disk every second, evicting nothing.
 * It listens on 127.0.0.1, on the port it had before where that is free; the password is random and lies in
 * DATA_DIR/redis.password, the log in DATA_DIR/redis.log.
 *
 * Safe to call from several processes at once. Cannot be cancelled: await it, then stop() it.
 * Rejects when no way leads to a Redis, with all of them named, or when one was found and does not start.
 */
export async function openLocalRedis(options: LocalRedisOptions): Promise<LocalServer> {
  if (options.redisUrl) return { url: options.redisUrl, pid: null, source: "given", stop: async () => {} };
  const dataDir = await makeDataDir(options.dataDir);
  const lock = join(dataDir, "redis.lock");
  const onWait = () => options.log("waiting for another process that is starting Redis...");
  return withLock(lock, () => openLocked(dataDir, lock, options), { onWait });
}

async function openLocked(dataDir: string, lock: string, options: LocalRedisOptions): Promise<LocalServer> {
  const { log, durable = true, settings = {} } = options;
  const env = serverEnvironment(options.env ?? process.env);
  const place: RedisPlace = {
    folder: join(dataDir, "redis"),
    configFile: join(dataDir, "redis.conf"),
    pidFile: join(dataDir, "redis.pid"),
    logFile: join(dataDir, "redis.log"),
    password: await readOrMakeSecret(join(dataDir, "redis.password")),
  };
  await mkdir(place.folder, { recursive: true, mode: 0o700 });

  const running = await findRunningRedis(place, log);
  if (running !== null) {
    log(`using the Redis that runs already (process ${running.pid})`);
    return localServer(dataDir, lock, place, options, running, "running");
  }
  const ways: RedisWays = {
    onPath: findRedisOnPath,
    debian: unpackDebianRedis,
    container: startRedisContainer,
    ...options.ways,
  };
  const refusals: string[] = [];
  const binary = await findBinary(
    ways,
    { cacheDirs: cacheDirs(dataDir, options.cacheDir), log, env },
    refusals,
  );
  if (binary === null) return openContainer(dataDir, lock, place.password, ways, options, refusals);
  const started = await startRedis({ place, binary, durable, settings, env });
  return localServer(dataDir, lock, place, options, started, "started");
}

async function findBinary(ways: RedisWays, deps: Cache, refusals: string[]): Promise<RedisBinary | null> {
  for (const find of [() => ways.onPath(deps.env), () => ways.debian(deps)]) {
    const found = await find();
    if (!("refused" in found)) return found;
    refusals.push(found.refused);
  }
  return null;
}

async function localServer(
  dataDir: string,
  lock: string,
  place: RedisPlace,
  { own = false, log }: LocalRedisOptions,
  running: RunningRedis,
  source: "running" | "started",
): Promise<LocalServer> {
  const uses = await use(join(dataDir, "redis-users"), { own, answers: source === "started" });
  const stop = async () => {
    if (await uses.leave()) await stopRedis(place, { started: running.server, log });
  };
  return {
    url: redisUrl(running.port, place.password),
    pid: running.pid,
    source,
    stop: once(() => withLockIfThere(lock, stop)),
  };
}

async function openContainer(
  dataDir: string,
  lock: string,
  password: string,
  ways: RedisWays,
  { own = false, durable = true, settings = {}, log }: LocalRedisOptions,
  [onPath, debian]: readonly string[],
): Promise<LocalServer> {
  let container: Container;
  try {
    container = await ways.container({ dataDir, password, durable, settings, log });
  } catch (error) {
    throw noWayError("Redis", [
      `set REDIS_URL to a Redis ${REDIS_VERSION_MIN} or newer, or a Valkey, that you have`,
      `install redis-server or valkey-server, so that it is on PATH: ${onPath}`,
      `let Debian's or Ubuntu's packages be unpacked, with the network in reach: ${debian}`,
      `start Docker: ${reasonOf(error)}`,
    ]);
  }
  const uses = await use(join(dataDir, "redis-users"), { own, answers: "when alone" });
  const stop = async () => {
    if (await uses.leave()) await container.stop();
  };
  return {
    url: container.url,
    pid: null,
    source: "container",
    stop: once(() => withLockIfThere(lock, stop)),
  };
}
