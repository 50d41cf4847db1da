import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { Log } from "./local-server.ts";
import { ask } from "./postgres-answer.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { readLastPort, readPidFile, removeEmptyPidFile } from "./postgres-pid-file.ts";
import { endProcess, exists, isAlive, type StopStep, servesFolder } from "./processes.ts";
import { type Account, run } from "./run.ts";
import { type SpawnedServer, spawnServer } from "./spawn-server.ts";

/** Recovery after a crash included. */
const START_MS_MAX = 120_000;
/** For a process that may or may not be this cluster's server, where the system does not tell. */
const DOUBTFUL_MS_MAX = 5_000;
const ASK_EVERY_MS = 50;
const START_ATTEMPTS_MAX = 5;
const RETRY_AFTER_MS = 200;
/** The port was taken meanwhile; or backends of a killed server are still about to notice. */
const WORTH_ANOTHER_START = /Address already in use|shared memory block .* is still in use/;

/** Fast shutdown, then immediate (it gives its children 5 s), then the hard way, which costs a recovery. */
const STOP_STEPS: readonly StopStep[] = [
  ["SIGINT", 20_000],
  ["SIGQUIT", 8_000],
  ["SIGKILL", 2_000],
];
const PG_CTL_MS_MAX = 30_000;

export type RunningPostgres = {
  pid: number;
  port: number;
  /** When we started it ourselves. */
  server?: SpawnedServer;
};

/**
 * The server that runs on the cluster already, left there by an earlier launcher or in use by another; null when
 * there is none. Waits while it starts, recovers or shuts down.
 *
 * Rejects when it is there and does not answer in time, or refuses our password.
 */
export async function findRunning(
  cluster: string,
  { password, logFile, log }: { password: string; logFile: string; log: Log },
): Promise<RunningPostgres | null> {
  const began = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    const found = await readPidFile(cluster);
    if (found === null || !isAlive(found.pid)) return null;
    const ours = await servesFolder(found.pid, cluster);
    if (ours === false) return null;
    const answer = await ask(found.port, password, cluster);
    if (answer.kind === "ready") return found;
    if (ours === null && (answer.kind === "not ours" || performance.now() - began > DOUBTFUL_MS_MAX))
      return null;
    if (answer.kind === "not ours" || performance.now() - began > START_MS_MAX) {
      throw new Error(
        `PostgreSQL runs on ${cluster} (process ${found.pid}) and cannot be used: ${answer.reason}; see ${logFile}`,
      );
    }
    if (isFirst) log(`waiting for the PostgreSQL that is there, process ${found.pid} (${answer.reason})...`);
    await pause(ASK_EVERY_MS);
  }
}

export type PostgresStart = {
  cluster: string;
  binaries: PostgresBinaries;
  account: Account;
  password: string;
  settings: Record<string, string>;
  logFile: string;
  env: NodeJS.ProcessEnv;
};

/**
 * Starts a server on a cluster that has none, listening on 127.0.0.1 alone and on no socket file (whose path may have
 * 107 bytes at most). Settles when it takes queries; rejects with the end of its log when it ends instead, and
 * when it takes too long, after ending it.
 */
export async function startPostgres(start: PostgresStart): Promise<RunningPostgres> {
  const { cluster, password, logFile } = start;
  await removeEmptyPidFile(cluster);
  const deadline = performance.now() + START_MS_MAX;
  let preferred = await readLastPort(cluster);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(preferred);
    const server = await spawnPostgres(start, port);
    const why = await waitUntilReady(server, port, password, cluster, deadline);
    if (why === null) return { pid: server.pid, port, server };
    if (server.ended() === null) await endProcess(server.pid, STOP_STEPS.slice(1));
    const lines = server.lastLines();
    if (attempt === START_ATTEMPTS_MAX || !WORTH_ANOTHER_START.test(lines)) {
      throw new Error(`PostgreSQL did not start: ${why}. The end of ${logFile}:\n${lines}`);
    }
    preferred = null;
    await pause(RETRY_AFTER_MS);
  }
}

async function spawnPostgres(start: PostgresStart, port: number): Promise<SpawnedServer> {
  const { cluster, binaries, account, settings, logFile, env } = start;
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    timezone: "UTC",
    log_timezone: "UTC",
    ...settings,
    port: String(port),
  };
  const stale = await readPidFile(cluster);
  return spawnServer({
    command: binaries.postgres,
    args: ["-D", cluster, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    // A pid file that names a process which exists, but is not the server (findRunning looked), would stop PostgreSQL
    // from starting. By this variable, pg_ctl's own, it knows better; its check of shared memory stays in force.
    env: stale !== null && exists(stale.pid) ? { ...env, PG_GRANDPARENT_PID: String(stale.pid) } : env,
    cwd: cluster,
    account,
    logFile,
  });
}

/** Null when it answers; else why it does not. */
async function waitUntilReady(
  server: SpawnedServer,
  port: number,
  password: string,
  cluster: string,
  deadline: number,
): Promise<string | null> {
  for (;;) {
    const answer = await ask(port, password, cluster);
    const ended = server.ended();
    if (ended !== null) return `it ${ended}`;
    if (answer.kind === "ready") return null;
    if (answer.kind === "not ours") return answer.reason;
    if (performance.now() > deadline) return `it was not ready within ${START_MS_MAX} ms (${answer.reason})`;
    await Promise.race([server.exit, pause(ASK_EVERY_MS)]);
  }
}

/**
 * Stops whatever server runs on the cluster by now, and waits until it is gone. `started` is the one that we started,
 * if we did: it is ended even when its pid file has vanished with the folder.
 */
export async function stopPostgres(
  cluster: string,
  { started, pgCtl, env, log }: StopPostgresDeps,
): Promise<void> {
  const found = await readPidFile(cluster);
  const isRunning =
    found !== null && isAlive(found.pid) && (await servesFolder(found.pid, cluster)) !== false;
  const pid = isRunning ? found.pid : started?.ended() === null ? started.pid : null;
  if (pid === null) return;
  log("stopping PostgreSQL...");
  if (process.platform === "win32") {
    // No signals there: what Node calls SIGINT would end the server on the spot.
    const program = await pgCtl();
    if (program !== null) {
      await run(program, ["stop", "-D", cluster, "-m", "fast"], { timeoutMs: PG_CTL_MS_MAX, env });
      return;
    }
  }
  await endProcess(pid, STOP_STEPS);
}

type StopPostgresDeps = {
  started: SpawnedServer | undefined;
  /** Finds pg_ctl, for Windows. */
  pgCtl: () => Promise<string | null>;
  env: NodeJS.ProcessEnv;
  log: Log;
};
