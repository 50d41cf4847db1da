import { tmpdir } from "node:os";
import { ourService, type ServiceName, startProcess } from "@model-views/lab/service-process.ts";

/**
 * The variable by which a process of Node reads modules as an earlier one compiled them: vitest.config.ts sets it. Part of
 * the environment of each process that a test starts.
 */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "" };

/** One of our services as a process. */
export type RunningService = {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** The port for operators: `/readyz` with reasons, and `/metrics`. A worker has only this one. */
  adminUrl: string;
  pid: number;
  /** The lines that it has logged so far. */
  logged: string[];
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  /** Sends the signal and waits for the end. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<number | string>;
};

/** The least that a service needs: development, on free ports. */
const DEFAULTS = {
  ...COMPILE_CACHE,
  NODE_ENV: "development",
  INGEST_PORT: "0",
  STATS_PORT: "0",
  WORKER_PORT: "0",
  INGEST_ADMIN_PORT: "0",
  STATS_ADMIN_PORT: "0",
  VIEWER_ID_SALT: "a salt for tests, of 32 characters",
};

export type SpawnOptions = {
  /** Bytes of the largest file that it can write, a multiple of 512. It has the effect of a full disk, and needs no rights. */
  fileBytesMax?: number;
};

/** Starts a service with only the given environment; resolves when it listens. */
export async function spawnService(
  name: ServiceName,
  env: Record<string, string>,
  { fileBytesMax }: SpawnOptions = {},
): Promise<RunningService> {
  const limit = (bytes: number) => ["sh", "-c", `ulimit -f ${bytes / 512}; exec "$0" "$@"`];
  const logged: string[] = [];
  const service = startProcess(await ourService(name), {
    name,
    env: { ...DEFAULTS, ...env },
    // Not the folder with a developer's .env.
    cwd: tmpdir(),
    prefix: fileBytesMax === undefined ? [] : limit(fileBytesMax),
    onLine: (line) => logged.push(line),
  });
  const exited = service.exited.then((how) => (how instanceof Error ? how.message : how));
  const { port, adminPort } = await service.listens;
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    pid: service.pid ?? 0,
    logged,
    exited,
    async kill(signal) {
      service.signal(signal);
      return exited;
    },
  };
}
