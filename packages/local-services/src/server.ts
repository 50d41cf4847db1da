import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeDataDir } from "./data-dir.ts";
import { freePort } from "./free-port.ts";
import type { Adapter, Answer, LocalServer, LocalServerOptions, Log, ServerKind } from "./local-server.ts";
import { withLock } from "./lock.ts";
import { endProcess, readPid, servesFolder, startMark } from "./processes.ts";
import { isRefusal, reasonOf, type SpawnedServer, spawnServer } from "./programs.ts";
import { addUser } from "./users.ts";

/** Includes recovery after a crash, and loading a large append-only file. */
const START_MS_MAX = 120_000;
/** Milliseconds to wait for a process that may be our server, when the system does not report whether it is. */
const DOUBTFUL_MS_MAX = 5_000;
const ASK_EVERY_MS = 25;
const START_ATTEMPTS_MAX = 5;
const RETRY_AFTER_MS = 200;
/** The port was taken meanwhile; or children of a killed PostgreSQL have not noticed yet. */
const WORTH_ANOTHER_START = /Address already in use|shared memory block .* is still in use/;

export function givenServer(url: string): LocalServer {
  return { url, pid: null, source: "given", stop: async () => {} };
}

/** One server, while it is opened. */
type Opening<Program extends object> = { name: string; logFile: string; log: Log; adapter: Adapter<Program> };

type Opened = Omit<LocalServer, "stop"> & { end(): Promise<void> };

/**
 * Adopts the server that runs in DATA_DIR, else starts one, else starts a container. All of it under a lock, so several
 * processes may call it at once. Cannot be cancelled: await it, then stop() the server.
 *
 * Rejects when there is no way to a server, with all ways and their reasons, and when one was found and does not start.
 */
export async function openServer<Program extends object>(
  { name, id, adapt }: ServerKind<Program>,
  { own = false, log, ...options }: LocalServerOptions,
): Promise<LocalServer> {
  const dataDir = await makeDataDir(options.dataDir);
  const lock = join(dataDir, `${id}.lock`);
  const open = async (): Promise<LocalServer> => {
    const adapter = await adapt({ dataDir, env: serverEnvironment(options.env ?? process.env), log });
    const opening = { name, logFile: join(dataDir, `${id}.log`), log, adapter };
    const { end, ...server } = (await adopt(opening)) ?? (await start(opening));
    const endsIt = server.source === "container" ? "when alone" : server.source === "started";
    const use = await addUser(join(dataDir, `${id}-users.json`), { own, endsIt });
    const leave = async () => {
      if (await use.leave()) await end();
    };
    let stopped: Promise<void> | undefined;
    const stop = () => {
      // If the folder was deleted, no other command uses it, so no lock is needed.
      stopped ??= existsSync(dataDir) ? withLock(lock, leave) : leave();
      return stopped;
    };
    return { ...server, stop };
  };
  return withLock(lock, open, {
    onWait: () => log(`waiting for another process that is starting ${name}...`),
  });
}

/** The environment without the variables that would change PostgreSQL's settings. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(env).filter(([name]) => !/^(PG|LC_)/.test(name));
  return { ...Object.fromEntries(entries), LC_ALL: "C", TZ: "UTC" };
}

/**
 * The server that runs already; null when there is none. Waits while it starts, recovers or ends. Redis does not notice
 * a second one on the same files, which would ruin them, so a server that is there and does not answer is an error.
 */
async function adopt<Program extends object>(opening: Opening<Program>): Promise<Opened | null> {
  const { name, logFile, log, adapter } = opening;
  const began = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    const port = await adapter.lastPort();
    const pid = await readPid(adapter.pidFile());
    const servesOurs = pid === null ? false : await servesFolder(pid, adapter.folder());
    // To ask shows the password. Without a process of ours, another user's program may have the port by now.
    const mayAsk = adapter.asksWithoutProcess || servesOurs !== false;
    const answer: Answer =
      port === null || !mayAsk
        ? { kind: "not yet", reason: "it has no port, or no process" }
        : await adapter.ask(port);
    if (answer.kind === "ready" && port !== null) {
      const claimed = answer.pid ?? pid;
      // What is stopped later must be a process on this folder; an answer alone does not prove it.
      const isChecked = claimed !== null && (await servesFolder(claimed, adapter.folder())) !== false;
      const found = isChecked ? claimed : null;
      await adapter.whenReady(port);
      log(`using the ${name} that runs already (process ${found})`);
      const mark = found === null ? null : startMark(found);
      const isThere = () => mark !== null && found !== null && startMark(found) === mark;
      const end = () => endServer(opening, found, isThere);
      return { url: adapter.url(port), pid: found, source: "running", end };
    }
    const isOurs = answer.kind === "loading" || servesOurs;
    if (isOurs === false) return null;
    const waitedMs = performance.now() - began;
    const isRefused = answer.kind === "not ours";
    if (isOurs === null && (isRefused || waitedMs > DOUBTFUL_MS_MAX)) return null;
    const reason = "reason" in answer ? answer.reason : "";
    if (isRefused || waitedMs > START_MS_MAX) {
      const folder = adapter.folder();
      throw new Error(
        `${name} runs on ${folder} (process ${pid}) and cannot be used: ${reason}; see ${logFile}`,
      );
    }
    if (isFirst) log(`waiting for the ${name} that is there, process ${pid} (${reason})...`);
    await pause(ASK_EVERY_MS);
  }
}

async function start<Program extends object>(opening: Opening<Program>): Promise<Opened> {
  const { adapter } = opening;
  const refusals: string[] = [];
  for (const [, find] of adapter.ways) {
    const program = await find();
    if (isRefusal(program)) {
      refusals.push(program.refused);
      continue;
    }
    await adapter.prepare(program);
    const { server, port } = await spawnUntilReady(opening, program);
    const end = () => endServer(opening, server.pid, () => server.ended() === null);
    try {
      await adapter.whenReady(port);
    } catch (error) {
      await end();
      throw error;
    }
    return { url: adapter.url(port), pid: server.pid, source: "started", end };
  }
  return startContainer(opening, refusals);
}

/**
 * Starts a server on a folder that has none, on 127.0.0.1 alone. Resolves when it takes commands; rejects with the end of
 * its log when it ends instead, and when it takes too long, after ending it.
 */
async function spawnUntilReady<Program extends object>(
  { name, logFile, adapter }: Opening<Program>,
  program: Program,
): Promise<{ server: SpawnedServer; port: number }> {
  const deadline = performance.now() + START_MS_MAX;
  let preferred = await adapter.lastPort();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(preferred);
    const server = await spawnServer(await adapter.configure(program, port), logFile);
    const refused = await untilReady(server, () => adapter.ask(port), deadline);
    if (refused === null) return { server, port };
    if (server.ended() === null) await endProcess(server.pid, adapter.stopSteps);
    const lines = await server.lastLines();
    if (attempt === START_ATTEMPTS_MAX || !WORTH_ANOTHER_START.test(lines)) {
      throw new Error(`${name} did not start: ${refused}. The end of ${logFile}:\n${lines}`);
    }
    preferred = null;
    await pause(RETRY_AFTER_MS);
  }
}

/** Null when it answers; else why it does not. */
async function untilReady(
  server: SpawnedServer,
  ask: () => Promise<Answer>,
  deadline: number,
): Promise<string | null> {
  for (;;) {
    const answer = await ask();
    const ended = server.ended();
    if (ended !== null) return `it ${ended}`;
    if (answer.kind === "ready") return null;
    if (answer.kind === "not ours") return answer.reason;
    if (performance.now() > deadline) return `it was not ready within ${START_MS_MAX} ms (${answer.reason})`;
    await Promise.race([server.exit, pause(ASK_EVERY_MS)]);
  }
}

/**
 * Ends the server that runs on the folder now, and waits until it is gone. If its pid file is gone (with the folder or
 * not), ends the server that was opened, if it still runs.
 */
async function endServer<Program extends object>(
  { name, log, adapter }: Opening<Program>,
  opened: number | null,
  isThere: () => boolean,
): Promise<void> {
  const written = await readPid(adapter.pidFile());
  const isRunning = written !== null && (await servesFolder(written, adapter.folder())) !== false;
  const pid = isRunning ? written : isThere() ? opened : null;
  if (pid === null) return;
  log(`stopping ${name}...`);
  await endProcess(pid, adapter.stopSteps);
}

async function startContainer<Program extends object>(
  { name, adapter }: Opening<Program>,
  refusals: readonly string[],
): Promise<Opened> {
  const { neededVersion: needed } = adapter;
  if (needed !== null) {
    throw new Error(
      `${adapter.folder()} was made by ${needed}, and there is none to read it: ${refusals.join("; ")}. ` +
        `Install ${needed}, or move the folder away to begin anew`,
    );
  }
  try {
    const { url, stop } = await adapter.startContainer();
    return { url, pid: null, source: "container", end: stop };
  } catch (error) {
    const ways = adapter.ways.map(([advice], index) => `${advice}: ${refusals[index]}`);
    const all = [adapter.urlAdvice, ...ways, `start Docker: ${reasonOf(error)}`];
    const list = all.map((way, index) => `  ${index + 1}. ${way}`).join("\n");
    throw new Error(`${name} could be neither found nor started. Any one of these will do:\n${list}`);
  }
}
