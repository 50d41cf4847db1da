import { createWriteStream } from "node:fs";
import {
  type Ports,
  type Program,
  type ServiceProcess,
  startProcess,
} from "@model-views/lab/service-process.ts";
import { type Alone, createAlone } from "./alone.ts";
import type { ClockMessage } from "./messages.ts";

/** Milliseconds until a service that ended unexpectedly is started again, as by a supervisor. */
const RESTART_MS = 1_000;
const START_MS_MAX = 60_000;
/** The services' deadline is 8 s. */
const STOP_MS_MAX = 12_000;

export type ServiceProgram = Program & {
  name: string;
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

/** A service that is not started yet. */
export function createService(program: ServiceProgram): Service {
  const log = createWriteStream(program.logFile, { flags: "a" });
  log.on("error", () => {});
  let running: ServiceProcess | undefined;
  let ports: Ports | undefined;
  let isWanted = false;
  let deaths = 0;

  async function run(): Promise<void> {
    const mine = startProcess(program, {
      ...program,
      cwd: program.folder,
      detached: true,
      startMsMax: START_MS_MAX,
      onLine: (line) => log.write(`${line}\n`),
    });
    running = mine;
    if (mine.pid !== undefined) program.onPid(mine.pid);
    void mine.exited.then((how) => {
      log.write(`--- ${program.name} (process ${mine.pid}) ended: ${how}\n`);
      if (running === mine) running = ports = undefined;
      if (!isWanted) return;
      deaths += 1;
      setTimeout(() => isWanted && running === undefined && run().catch(() => {}), RESTART_MS);
    });
    const found = await mine.listens;
    if (running === mine && isWanted) ports = found;
  }

  return {
    name: program.name,
    port: () => ports?.port,
    adminPort: () => ports?.adminPort,
    async start() {
      isWanted = true;
      if (running === undefined) await run();
    },
    async end(signal) {
      isWanted = false;
      ports = undefined;
      await running?.end(signal, STOP_MS_MAX);
    },
    freeze: () => void running?.signal("SIGSTOP"),
    thaw: () => void running?.signal("SIGCONT"),
    setClock: (message) => running?.send(message),
    deaths: () => deaths,
    alone: createAlone(),
  };
}
