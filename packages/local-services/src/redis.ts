import { mkdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedisContainer } from "./containers.ts";
import { readOrMakeSecret } from "./data-dir.ts";
import { WORKSPACE_CACHE } from "./debian-packages.ts";
import type { Adapter, Answer, LocalServer, LocalServerOptions, Place, Ways } from "./local-server.ts";
import { readOrEmpty, type StopStep } from "./processes.ts";
import {
  findRedisOnPath,
  REDIS_VERSION_MIN,
  type RedisProgram,
  unpackDebianRedis,
} from "./redis-programs.ts";
import { givenServer, openServer } from "./server.ts";

/** SIGTERM makes it write out the append-only file; SIGKILL is for one that hangs. */
const STOP_STEPS: readonly StopStep[] = [
  ["SIGTERM", 20_000],
  ["SIGKILL", 2_000],
];

type RedisWays = Ways<"onPath" | "debian", RedisProgram>;

/** No snapshots: the append-only file holds everything. */
const OUR_SETTINGS = {
  bind: "127.0.0.1",
  daemonize: "no",
  appendonly: "yes",
  save: '""',
  "maxmemory-policy": "noeviction",
};

export type LocalRedisOptions = LocalServerOptions & {
  /** Used as it is, neither checked nor stopped. */
  redisUrl?: string | undefined;
  /** Replaces ways to a Redis: for tests. */
  ways?: Partial<RedisWays> | undefined;
};

/**
 * Finds or starts a Redis whose data is in DATA_DIR/redis: append-only, written to the disk every second, evicting
 * nothing. It listens on 127.0.0.1, if possible on the same port as before; the password is random and in
 * DATA_DIR/redis.password, the log in DATA_DIR/redis.log. See `openServer`.
 */
export async function openLocalRedis(options: LocalRedisOptions): Promise<LocalServer> {
  if (options.redisUrl) return givenServer(options.redisUrl);
  const adapt = (place: Place) => adaptRedis(place, options);
  return openServer({ name: "Redis", id: "redis", adapt }, options);
}

async function adaptRedis(
  { dataDir, env, log }: Place,
  { durable = true, settings = {}, ways: replaced }: LocalRedisOptions,
): Promise<Adapter<RedisProgram>> {
  const folder = join(dataDir, "redis");
  const [configFile, pidFile] = [join(dataDir, "redis.conf"), join(dataDir, "redis.pid")];
  const password = await readOrMakeSecret(join(dataDir, "redis.password"));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const cacheDirs = [WORKSPACE_CACHE, join(dataDir, "cache")];
  const ways: RedisWays = {
    onPath: () => findRedisOnPath(env),
    debian: () => unpackDebianRedis({ cacheDirs, log, env }),
    container: () => startRedisContainer({ dataDir, password, durable, settings, log }),
    ...replaced,
  };
  return {
    folder: () => folder,
    pidFile: () => pidFile,
    lastPort: async () => Number(/^port (\d+)$/m.exec(await readOrEmpty(configFile))?.[1]) || null,
    asksWithoutProcess: true,
    ask: (port) => ask(port, password, folder),
    whenReady: async () => {},
    url: (port) => `redis://:${password}@127.0.0.1:${port}`,
    ways: [
      ["install redis-server or valkey-server, so that it is on PATH", ways.onPath],
      ["let Debian's or Ubuntu's packages be unpacked, with the network in reach", ways.debian],
    ],
    urlAdvice: `set REDIS_URL to a Redis ${REDIS_VERSION_MIN} or newer, or a Valkey, that you have`,
    startContainer: ways.container,
    neededVersion: null,
    // Redis would make it readable for all.
    prepare: () => writeFile(pidFile, "", { flag: "a", mode: 0o600 }),
    async configure(program, port) {
      const common = { ...OUR_SETTINGS, appendfsync: durable ? "everysec" : "no", ...settings };
      const paths = { dir: quote(folder), pidfile: quote(pidFile) };
      const all = Object.entries({ ...common, ...paths, port, requirepass: password });
      // In a file, because every user can read a command line, and with it the password.
      await writeFile(configFile, all.map(([name, value]) => `${name} ${value}\n`).join(""), { mode: 0o600 });
      return {
        command: program.command,
        args: [configFile],
        env: { ...env, ...program.env },
        cwd: folder,
        account: null,
      };
    },
    stopSteps: STOP_STEPS,
  };
}

function quote(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}

const CONNECT_MS_MAX = 2_000;

async function ask(port: number, password: string, folder: string): Promise<Answer> {
  const redis = new Redis({
    host: "127.0.0.1",
    port,
    password,
    lazyConnect: true,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: CONNECT_MS_MAX,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // The check of ioredis would wait while Redis loads, without reporting that.
    enableReadyCheck: false,
  });
  // ioredis rejects connect() with "Connection is closed" and reports the cause only here.
  let cause: Error | null = null;
  redis.on("error", (error: Error) => {
    cause = error;
  });
  try {
    await redis.connect();
    // While Redis loads, it answers INFO and not PING.
    await redis.ping();
    const [, dir = ""] = (await redis.config("GET", "dir")) as string[];
    if ((await realpath(folder)) !== dir)
      return { kind: "not ours", reason: `the server on port ${port} keeps its data in ${dir}` };
    return { kind: "ready", pid: Number(/^process_id:(\d+)/m.exec(await redis.info("server"))?.[1]) };
  } catch (error) {
    const reason = (cause ?? (error as Error)).message;
    if (/^(WRONGPASS|NOAUTH|ERR AUTH)/.test(reason)) return { kind: "not ours", reason };
    return { kind: reason.startsWith("LOADING") ? "loading" : "not yet", reason };
  } finally {
    // On a connection that is closed already, disconnect() would set a timer that keeps the process for 2 s.
    if (redis.status !== "end") redis.disconnect();
  }
}
