import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * The variable by which a process of Node reads modules as an earlier one compiled them: vitest.config.ts sets it. Part of
 * the environment of each process that a test starts.
 */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "" };

/** A service in a separate process. */
export type RunningService = {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** The same for operators: `/readyz` with its reasons, and `/metrics`. A worker has no other. */
  adminUrl: string;
  pid: number;
  /** Every line it logged so far. */
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
  /** Bytes of the largest file that it can write, in whole 512: what a full disk is to it, and needs no rights. */
  fileBytesMax?: number;
};

/** Starts a service with no other environment than the given one; resolves when it listens. */
export async function spawnService(
  name: "ingest" | "worker" | "stats-api",
  env: Record<string, string>,
  { fileBytesMax }: SpawnOptions = {},
): Promise<RunningService> {
  const main = fileURLToPath(new URL(`../../../apps/${name}/src/main.ts`, import.meta.url));
  // Piped, not ignored: with the IPC channel it ends when this process does.
  const [command = "", ...args] =
    fileBytesMax === undefined
      ? [process.execPath, main]
      : ["sh", "-c", `ulimit -f ${fileBytesMax / 512}; exec "$0" "$@"`, process.execPath, main];
  const child = spawn(command, args, {
    env: { ...DEFAULTS, ...env },
    // Away from a developer's .env.
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const logged: string[] = [];
  const exited = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "gone"));
  });
  const ports = await new Promise<{ port: number; adminPort: number }>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        logged.push(line);
        const listening = /"port":(\d+),"adminPort":(\d+).*"msg":"listening"/.exec(line);
        if (listening) resolve({ port: Number(listening[1]), adminPort: Number(listening[2]) });
      });
    }
    child.once("error", reject);
    void exited.then((code) => reject(new Error(`${name} ended with ${code}:\n${logged.join("\n")}`)));
  });
  return {
    url: `http://127.0.0.1:${ports.port}`,
    adminUrl: `http://127.0.0.1:${ports.adminPort}`,
    pid: child.pid ?? 0,
    logged,
    exited,
    async kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}
