import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { type Alone, createAlone } from "./alone.ts";
import type { ClockMessage } from "./messages.ts";

/** Milliseconds until a service that ended unexpectedly is started again, as by a supervisor. */
const RESTART_MS = 1_000;
const START_MS_MAX = 60_000;
/** The services' deadline is 8 s. */
const STOP_MS_MAX = 12_000;

export type ServiceProgram = {
  name: string;
  /** Path of the file, and Node's flags. */
  main: string;
  flags: readonly string[];
  /** All of its environment. */
  env: Record<string, string>;
  /** Its working directory: not the one with a developer's `.env`. */
  folder: string;
  logFile: string;
  onPid: (pid: number) => void;
  /** Called with each message on its IPC channel. */
  onMessage: (message: unknown) => void;
};

/** One of our services as a process that can be ended, stopped and started again. */
export type Service = {
  name: string;
  /** Where it listens on loopback; undefined while it does not run. */
  port(): number | undefined;
  /** The same for operators. */
  adminPort(): number | undefined;
  /** Starts it unless it runs; resolves when it listens. */
  start(): Promise<void>;
  /** Ends it by a signal, then by SIGKILL if it does not end in time. It stays down until `start`. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Stops the process (SIGSTOP), and continues it. */
  freeze(): void;
  thaw(): void;
  /** Sets its clock until its next start; 0 is the right time. Does nothing while it does not run. */
  setClock(message: ClockMessage): void;
  /** How often it ended unexpectedly. */
  deaths(): number;
  /** Lets one fault at a time work on this service. */
  alone: Alone;
};

/** One process of it, from its start to its end. */
type Running = {
  child: ChildProcess;
  /** Resolves when it has ended. */
  exited: Promise<void>;
  /** Resolves when it listens; rejects when it ends before, or takes too long. */
  listens: Promise<void>;
  port: number | undefined;
  adminPort: number | undefined;
};

/** A service that is not started yet. */
export function createService(program: ServiceProgram): Service {
  const log = createWriteStream(program.logFile, { flags: "a" });
  log.on("error", () => {});
  let running: Running | undefined;
  let isWanted = false;
  let deaths = 0;

  function run(): Promise<void> {
    const mine = spawnProgram(program, (line) => log.write(`${line}\n`));
    running = mine;
    void mine.exited.then(() => {
      if (running === mine) running = undefined;
      if (!isWanted) return;
      deaths += 1;
      setTimeout(() => isWanted && running === undefined && run().catch(() => {}), RESTART_MS);
    });
    return mine.listens;
  }

  return {
    name: program.name,
    port: () => running?.port,
    adminPort: () => running?.adminPort,
    async start() {
      isWanted = true;
      if (running === undefined) await run();
    },
    async end(signal) {
      isWanted = false;
      const ending = running;
      if (ending === undefined) return;
      ending.port = undefined;
      ending.adminPort = undefined;
      ending.child.kill(signal);
      ending.child.kill("SIGCONT");
      const force = setTimeout(() => ending.child.kill("SIGKILL"), STOP_MS_MAX);
      await ending.exited;
      clearTimeout(force);
    },
    freeze: () => void running?.child.kill("SIGSTOP"),
    thaw: () => void running?.child.kill("SIGCONT"),
    setClock(message) {
      if (running?.child.connected) running.child.send(message);
    },
    deaths: () => deaths,
    alone: createAlone(),
  };
}

/** In a separate process group: Ctrl-C on a terminal does not reach it. */
function spawnProgram(program: ServiceProgram, onLine: (line: string) => void): Running {
  const { name, main, flags, env, folder, logFile, onPid, onMessage } = program;
  const child = spawn(process.execPath, [...flags, main], {
    env,
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  if (child.pid !== undefined) onPid(child.pid);
  child.on("message", onMessage);
  const { promise: exited, resolve: hasExited } = Promise.withResolvers<void>();
  const { promise: listens, resolve: isListening, reject } = Promise.withResolvers<void>();
  listens.catch(() => {});
  const running: Running = { child, exited, listens, port: undefined, adminPort: undefined };
  const tooLate = setTimeout(() => reject(new Error(`${name} does not start, see ${logFile}`)), START_MS_MAX);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      onLine(line);
      const [, port, adminPort] = /"port":(\d+),"adminPort":(\d+).*"msg":"listening"/.exec(line) ?? [];
      if (port === undefined) return;
      running.port = Number(port);
      running.adminPort = Number(adminPort);
      clearTimeout(tooLate);
      isListening();
    });
  }
  child.once("error", () => hasExited());
  child.once("exit", (code, signal) => {
    onLine(`--- ${name} (process ${child.pid}) ended: ${signal ?? code}`);
    clearTimeout(tooLate);
    reject(new Error(`${name} ended before it listened, see ${logFile}`));
    hasExited();
  });
  return running;
}
