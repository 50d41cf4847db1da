import { realpath } from "node:fs/promises";
import { Redis } from "ioredis";

const CONNECT_MS_MAX = 2_000;

export type RedisAnswer =
  /** It keeps its data in this folder, has loaded it, and takes commands. */
  | { kind: "ready"; pid: number }
  /** Nobody there, or it still loads: worth another try. */
  | { kind: "not yet"; reason: string }
  /** Somebody answers, but keeps its data elsewhere, or our password is not its password. */
  | { kind: "not ours"; reason: string };

/** Asks whatever listens on the port where it keeps its data. Never rejects. */
export async function askRedis(port: number, password: string, folder: string): Promise<RedisAnswer> {
  const redis = new Redis({
    host: "127.0.0.1",
    port,
    password,
    lazyConnect: true,
    connectTimeout: CONNECT_MS_MAX,
    commandTimeout: CONNECT_MS_MAX,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // Its own check would wait while Redis loads, where we want to be told.
    enableReadyCheck: false,
  });
  // ioredis rejects connect() with "Connection is closed" and tells the cause only here.
  let cause: Error | null = null;
  redis.on("error", (error: Error) => {
    cause = error;
  });
  try {
    await redis.connect();
    // While it loads, INFO is answered and PING is not.
    await redis.ping();
    const [, dir = ""] = (await redis.config("GET", "dir")) as string[];
    if ((await realpath(folder)) !== dir) {
      return { kind: "not ours", reason: `the server on port ${port} keeps its data in ${dir}` };
    }
    return { kind: "ready", pid: Number(/^process_id:(\d+)/m.exec(await redis.info("server"))?.[1]) };
  } catch (error) {
    const reason = (cause ?? (error as Error)).message;
    return { kind: /^(WRONGPASS|NOAUTH|ERR AUTH)/.test(reason) ? "not ours" : "not yet", reason };
  } finally {
    // On a connection that has closed already, disconnect() would set a timer that keeps the process for 2 s.
    if (redis.status !== "end") redis.disconnect();
  }
}

export function redisUrl(port: number, password: string): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}
