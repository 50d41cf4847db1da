import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const START_MS_MAX = 30_000;
/** The services' deadline is 8 s. */
const STOP_MS_MAX = 9_000;
const LINES_KEPT = 20;

/** A file to run as a process. */
export type Program = {
  name: string;
  /** Path of the file. It logs as our services do, with a message `listening` or `ready` when it is. */
  main: string;
  /** For Node. */
  flags?: readonly string[];
  /** All of its environment. */
  env: Record<string, string>;
};

export type RunningProgram = {
  name: string;
  pid: number;
  /** Where it listens on loopback; 0 when it listens nowhere. */
  port: number;
  /** The same for operators, where it has a port for them. */
  adminPort: number;
  /** Rejects when it ends unexpectedly; never resolves. */
  died: Promise<never>;
  /** Sends a message and resolves with the answer. For programs that answer; one message at a time. */
  ask(message: object): Promise<unknown>;
  stop(): Promise<void>;
};

/**
 * Starts a program in a separate process group: Ctrl-C on a terminal does not reach it, so that it can be stopped in order. By
 * the IPC channel it notices when this process is gone, and ends. Resolves when the program is ready; rejects with its last
 * lines when that takes more than 30 s.
 */
export async function launch(
  { name, main, flags = [], env }: Program,
  onError: (line: string) => void,
): Promise<RunningProgram> {
  const child = spawn(process.execPath, [...flags, main], {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  let stopping = false;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.on("error", () => resolve());
  });
  const died = exited.then((): Promise<never> => {
    if (stopping) return new Promise(() => {});
    throw new Error(`${name} ended unexpectedly:\n${lines.join("\n")}`);
  });
  died.catch(() => {});
  const { promise: ports, resolve: isReady, reject } = Promise.withResolvers<[number, number]>();
  onLines([child.stdout, child.stderr], (line) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    if (/"level":"(error|fatal)"/.test(line)) onError(`${name}: ${line}`);
    const ready = /"msg":"(listening|ready)"/.test(line);
    if (ready) isReady([numberOf("port", line), numberOf("adminPort", line)]);
  });
  const tooLate = setTimeout(
    () => reject(new Error(`${name} did not start:\n${lines.join("\n")}`)),
    START_MS_MAX,
  );
  const stop = async () => {
    stopping = true;
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await exited;
    clearTimeout(force);
  };
  try {
    const [port, adminPort] = await Promise.race([ports, died]);
    return { name, pid: child.pid ?? 0, port, adminPort, died, ask: createAsk(child, died), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(tooLate);
  }
}

/** The number with that name in a line of a log; 0 where there is none. */
function numberOf(name: string, line: string): number {
  return Number(new RegExp(`"${name}":(\\d+)`).exec(line)?.[1] ?? 0);
}

function onLines(streams: readonly (Readable | null)[], onLine: (line: string) => void): void {
  for (const stream of streams) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
  }
}

function createAsk(child: ChildProcess, died: Promise<never>): RunningProgram["ask"] {
  return (message) => {
    const answer = new Promise<unknown>((resolve) => child.once("message", resolve));
    child.send(message);
    return Promise.race([answer, died]);
  };
}
