import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

/** Milliseconds until a service that ended by itself is started again, as a supervisor would. */
const RESTART_MS = 1_000;
const START_MS_MAX = 60_000;
/** Our services have a deadline of 8 s themselves. */
const STOP_MS_MAX = 12_000;

export type ServiceProgram = {
  name: string;
  /** Path of the file, and Node's flags. */
  main: string;
  flags: readonly string[];
  /** All of its environment. */
  env: Record<string, string>;
  /** Where it runs: away from a developer's `.env`. */
  folder: string;
  logFile: string;
  onPid: (pid: number) => void;
  /** Told what it says over its IPC channel. */
  onMessage: (message: unknown) => void;
};

/** A service of ours in a process of its own, which can be ended, stopped and started again. */
export type Service = {
  name: string;
  /** Where it listens on loopback; undefined while it does not run. */
  port(): number | undefined;
  /** Starts it unless it runs; resolves when it listens. */
  start(): Promise<void>;
  /** Ends it by a signal, SIGKILL if it does not end in time; it stays away until it is started. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Stops the process where it is (SIGSTOP), and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** How often it ended unasked. */
  deaths(): number;
  /** One fault at a time on each service. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
};

type Running = { child: ChildProcess; exited: Promise<void>; port: number | undefined };

/** A service that is not started yet. */
export function createService(program: ServiceProgram): Service {
  const log = createWriteStream(program.logFile, { flags: "a" });
  log.on("error", () => {});
  let running: Running | undefined;
  let isWanted = false;
  let deaths = 0;
  let queue: Promise<unknown> = Promise.resolve();

  function run(): Promise<void> {
    const child = spawn(process.execPath, [...program.flags, program.main], {
      env: program.env,
      cwd: program.folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    if (child.pid !== undefined) program.onPid(child.pid);
    const { promise: exited, resolve: hasExited } = Promise.withResolvers<void>();
    const mine: Running = { child, exited, port: undefined };
    running = mine;
    child.once("error", () => hasExited());
    child.once("exit", (code, signal) => {
      log.write(`--- ${program.name} (process ${child.pid}) ended: ${signal ?? code}\n`);
      if (running === mine) running = undefined;
      hasExited();
      if (!isWanted) return;
      deaths += 1;
      setTimeout(() => isWanted && running === undefined && run().catch(() => {}), RESTART_MS);
    });
    child.on("message", program.onMessage);
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error(`${program.name} does not start`)), START_MS_MAX);
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream ?? process.stdin }).on("line", (line) => {
          log.write(`${line}\n`);
          const port = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
          if (port === undefined) return;
          mine.port = Number(port);
          clearTimeout(tooLate);
          resolve();
        });
      }
      void exited.then(() => {
        clearTimeout(tooLate);
        reject(new Error(`${program.name} ended before it listened, see ${program.logFile}`));
      });
    });
  }

  return {
    name: program.name,
    port: () => running?.port,
    async start() {
      isWanted = true;
      if (running === undefined) await run();
    },
    async end(signal) {
      isWanted = false;
      const ending = running;
      if (ending === undefined) return;
      ending.port = undefined;
      ending.child.kill(signal);
      ending.child.kill("SIGCONT");
      const force = setTimeout(() => ending.child.kill("SIGKILL"), STOP_MS_MAX);
      await ending.exited;
      clearTimeout(force);
    },
    freeze: () => void running?.child.kill("SIGSTOP"),
    thaw: () => void running?.child.kill("SIGCONT"),
    deaths: () => deaths,
    alone<Result>(work: () => Promise<Result>): Promise<Result> {
      const result = queue.then(work);
      queue = result.catch(() => {});
      return result;
    },
  };
}
