import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import type { Log } from "./local-server.ts";
import { endProcess, isAlive, type StopStep, servesFolder } from "./processes.ts";
import { askRedis } from "./redis-answer.ts";
import type { RedisBinary } from "./redis-binary.ts";
import { readLastPort, writeRedisConfig } from "./redis-config.ts";
import { type SpawnedServer, spawnServer } from "./spawn-server.ts";

/** Loading a large append-only file included. */
const START_MS_MAX = 120_000;
/** For a process that may or may not be this folder's server, where the system does not tell. */
const DOUBTFUL_MS_MAX = 5_000;
const ASK_EVERY_MS = 25;
const START_ATTEMPTS_MAX = 5;
const WORTH_ANOTHER_START = /Address already in use/;

/** SIGTERM has it write out the append-only file; the rest is for one that hangs. */
const STOP_STEPS: readonly StopStep[] = [
  ["SIGTERM", 20_000],
  ["SIGKILL", 2_000],
];

/** The files of one DATA_DIR's Redis. */
export type RedisPlace = {
  /** Its data. */
  folder: string;
  configFile: string;
  pidFile: string;
  logFile: string;
  password: string;
};

export type RunningRedis = {
  pid: number;
  port: number;
  /** When we started it ourselves. */
  server?: SpawnedServer;
};

/**
 * The Redis that runs on the folder already; null when there is none. Waits while it loads. Redis itself does not notice
 * a second one on the same files, which would ruin them, so one that is there and does not answer is an error.
 */
export async function findRunningRedis(place: RedisPlace, log: Log): Promise<RunningRedis | null> {
  const { folder, password, logFile } = place;
  const port = await readLastPort(place.configFile);
  if (port === null) return null;
  const began = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    const pid = await readPid(place.pidFile);
    const ours = pid !== null && isAlive(pid) ? await servesFolder(pid, folder) : false;
    const answer = await askRedis(port, password, folder);
    if (answer.kind === "ready") return { pid: answer.pid, port };
    const isLoading = answer.reason.startsWith("LOADING");
    if (ours === false && !isLoading) return null;
    const waited = performance.now() - began;
    if (ours === null && !isLoading && (answer.kind === "not ours" || waited > DOUBTFUL_MS_MAX)) return null;
    if (answer.kind === "not ours" || waited > START_MS_MAX) {
      throw new Error(
        `Redis runs on ${folder} (process ${pid}) and cannot be used: ${answer.reason}; see ${logFile}`,
      );
    }
    if (isFirst) log(`waiting for the Redis that is there, process ${pid} (${answer.reason})...`);
    await pause(ASK_EVERY_MS);
  }
}

export type RedisStart = {
  place: RedisPlace;
  binary: RedisBinary;
  durable: boolean;
  settings: Record<string, string>;
  env: NodeJS.ProcessEnv;
};

/**
 * Starts Redis on a folder that has none running, on 127.0.0.1 alone. Settles when it takes commands; rejects with the
 * end of its log when it ends instead, and when it takes too long, after ending it.
 */
export async function startRedis({
  place,
  binary,
  durable,
  settings,
  env,
}: RedisStart): Promise<RunningRedis> {
  const { folder, configFile, pidFile, logFile, password } = place;
  const deadline = performance.now() + START_MS_MAX;
  // Redis itself would make it readable for all.
  await writeFile(pidFile, "", { flag: "a", mode: 0o600 });
  let preferred = await readLastPort(configFile);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(preferred);
    await writeRedisConfig(configFile, { port, password, folder, pidFile, durable, settings });
    const server = await spawnServer({
      command: binary.command,
      args: [configFile],
      env: { ...env, ...binary.env },
      cwd: folder,
      account: null,
      logFile,
    });
    const why = await waitUntilReady(server, port, place, deadline);
    if (why === null) return { pid: server.pid, port, server };
    if (server.ended() === null) await endProcess(server.pid, STOP_STEPS);
    const lines = server.lastLines();
    if (attempt === START_ATTEMPTS_MAX || !WORTH_ANOTHER_START.test(lines)) {
      throw new Error(`Redis did not start: ${why}. The end of ${logFile}:\n${lines}`);
    }
    preferred = null;
  }
}

/** Null when it answers; else why it does not. */
async function waitUntilReady(
  server: SpawnedServer,
  port: number,
  { folder, password }: RedisPlace,
  deadline: number,
): Promise<string | null> {
  for (;;) {
    const answer = await askRedis(port, password, folder);
    const ended = server.ended();
    if (ended !== null) return `it ${ended}`;
    if (answer.kind === "ready") return null;
    if (answer.kind === "not ours") return answer.reason;
    if (performance.now() > deadline) return `it was not ready within ${START_MS_MAX} ms (${answer.reason})`;
    await Promise.race([server.exit, pause(ASK_EVERY_MS)]);
  }
}

/**
 * Stops whatever Redis runs on the folder by now, and waits until it is gone. `started` is the one that we started, if
 * we did: it is ended even when its pid file has vanished with the folder.
 */
export async function stopRedis(
  place: RedisPlace,
  { started, log }: { started: SpawnedServer | undefined; log: Log },
): Promise<void> {
  const written = await readPid(place.pidFile);
  const isRunning =
    written !== null && isAlive(written) && (await servesFolder(written, place.folder)) !== false;
  const pid = isRunning ? written : started?.ended() === null ? started.pid : null;
  if (pid === null) return;
  log("stopping Redis...");
  await endProcess(pid, STOP_STEPS);
}

/** Redis writes the file before it loads its data, and removes it when it ends in order. */
export async function readPid(file: string): Promise<number | null> {
  const pid = Number(await readFile(file, "utf8").catch(() => ""));
  return pid > 0 ? pid : null;
}
