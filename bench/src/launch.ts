import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const START_MS_MAX = 30_000;
/** Our services have a deadline of 8 s themselves. */
const STOP_MS_MAX = 9_000;
const LINES_KEPT = 20;

/** A file to run as a process of its own. */
export type Program = {
  name: string;
  /** Path of the file. It logs as our services do, and says `listening` or `ready` when it is. */
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
  /** Rejects when it ends unasked; never resolves. */
  died: Promise<never>;
  /** Sends a message and resolves with the answer, of one that answers; one at a time. */
  ask(message: object): Promise<unknown>;
  stop(): Promise<void>;
};

/**
 * Starts a program in a process group of its own, so that the Ctrl-C of a terminal does not reach it: it is stopped in
 * order. The IPC channel lets it end when this process is gone. Resolves when the program is ready; rejects, with
 * the last lines it wrote, when it is not within 30 s.
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
    throw new Error(`${name} ended unasked:\n${lines.join("\n")}`);
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
    return { name, pid: child.pid ?? 0, port, adminPort, died, ask: credentials(child, died), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(tooLate);
  }
}

/** What a line of a log says under that name; 0 where it says nothing. */
function numberOf(name: string, line: string): number {
  return Number(new RegExp(`"${name}":(\\d+)`).exec(line)?.[1] ?? 0);
}

function onLines(streams: readonly (Readable | null)[], onLine: (line: string) => void): void {
  for (const stream of streams) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
  }
}

function credentials(child: ChildProcess, died: Promise<never>): RunningProgram["ask"] {
  return (message) => {
    const answer = new Promise<unknown>((resolve) => child.once("message", resolve));
    child.send(message);
    return Promise.race([answer, died]);
  };
}
