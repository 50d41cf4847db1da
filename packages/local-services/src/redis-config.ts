import { readFile, writeFile } from "node:fs/promises";

export type RedisConfig = {
  port: number;
  password: string;
  /** Data, append-only. */
  folder: string;
  pidFile: string;
  durable: boolean;
  settings: Record<string, string>;
};

/**
 * Writes what Redis is started with. A file, because a command line, password included, is there for all to read.
 * No snapshots: the append-only file holds everything.
 */
export async function writeRedisConfig(file: string, config: RedisConfig): Promise<void> {
  const lines = {
    bind: "127.0.0.1",
    port: String(config.port),
    requirepass: config.password,
    dir: quote(config.folder),
    pidfile: quote(config.pidFile),
    daemonize: "no",
    appendonly: "yes",
    appendfsync: config.durable ? "everysec" : "no",
    save: '""',
    "maxmemory-policy": "noeviction",
    ...config.settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} ${value}\n`);
  await writeFile(file, text.join(""), { mode: 0o600 });
}

/** The port Redis was last started on, so that its URL stays the same; null before the first start. */
export async function readLastPort(file: string): Promise<number | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  const port = Number(/^port (\d+)$/m.exec(text)?.[1]);
  return port > 0 ? port : null;
}

function quote(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}
