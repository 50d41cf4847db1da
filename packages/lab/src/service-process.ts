import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** Lines that an error quotes. */
const LAST_LINES = 20;
/** Milliseconds in which a service must end after SIGTERM: its deadline is 8 s. */
const END_MS_MAX = 9_000;

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const packageSchema = z.object({ scripts: z.record(z.string(), z.string()) });

/** The line that a service logs when it can be used. A port that it does not have is 0. */
const readySchema = z.object({
  msg: z.enum(["listening", "ready"]),
  port: z.int().default(0),
  adminPort: z.int().default(0),
});

/** Where a service listens on loopback: for the public, and for operators. */
export type Ports = { port: number; adminPort: number };

export type ServiceName = "ingest" | "worker" | "stats-api";

/** A file to run with this Node, which logs as our services do. */
export type Program = { main: string; flags?: readonly string[] };

/** The file of one of our services, and Node's flags, as in its script of package.json: there the flags are written once. */
export async function ourService(name: ServiceName): Promise<Required<Program>> {
  const { scripts } = packageSchema.parse(JSON.parse(await readFile(root("package.json"), "utf8")));
  const flags = scripts[name]?.split(" ").filter((word) => word.startsWith("--")) ?? [];
  return { main: root(`apps/${name}/src/main.ts`), flags };
}

export type RunOptions = {
  /** For errors. */
  name: string;
  /** All of its environment. */
  env: NodeJS.ProcessEnv;
  /** Where it runs. A service reads a `.env` there. Default: where this process runs. */
  cwd?: string;
  /** The user and group that it runs as; null: those of this process. */
  account?: { uid: number; gid: number } | null;
  /**
   * Starts it in a separate process group, which Ctrl-C in a terminal does not reach: for processes that must stop in a
   * given order.
   */
  detached?: boolean;
  /** Where its stderr goes: to this process's, or line by line to `onLine` with its stdout (the default). */
  stderr?: "inherit" | "pipe";
  /** Words before Node's command line, such as a shell that sets limits. */
  prefix?: readonly string[];
  /** Milliseconds that it has until it listens. Default: no limit. */
  startMsMax?: number;
  /** Receives each line that it logs. */
  onLine?: (line: string) => void;
  /** Receives what it sends over its IPC channel. */
  onMessage?: (message: unknown) => void;
};

/** The exit code, the signal that ended it, or why it could not be started. */
export type Exit = number | NodeJS.Signals | Error;

/** A program that runs as a process. */
export type ServiceProcess = {
  /** Undefined when it could not be started. */
  pid: number | undefined;
  /** Resolves when it logs that it listens; rejects, with its last lines, when it ends before that or takes too long. */
  listens: Promise<Ports>;
  /** Resolves when it is gone; never rejects. */
  exited: Promise<Exit>;
  signal(name: NodeJS.Signals): void;
  /** Ends it by the signal, by SIGKILL when that takes more than `killAfterMs`; resolves when it is gone. */
  end(name: "SIGTERM" | "SIGKILL", killAfterMs?: number): Promise<Exit>;
  /** Sends a message over its IPC channel. Does nothing when the process is gone. */
  send(message: object): void;
  /** The last 20 lines that it logged. */
  lastLines(): string;
};

/**
 * Runs a program as a process. When this process is gone, even by `kill -9`, the program notices that by its IPC
 * channel, and ends. The caller may ignore `listens`: an unhandled rejection of it does not end this process.
 */
export function startProcess({ main, flags = [] }: Program, options: RunOptions): ServiceProcess {
  const { env, cwd, account, detached = false, stderr = "pipe", prefix = [] } = options;
  const [command = process.execPath, ...args] = [...prefix, process.execPath, ...flags, main];
  const child = spawn(command, args, {
    env,
    detached,
    stdio: ["ignore", "pipe", stderr, "ipc"],
    ...(cwd === undefined ? {} : { cwd }),
    ...account,
  });
  if (options.onMessage !== undefined) child.on("message", options.onMessage);
  const exited = new Promise<Exit>((resolve) => {
    child.on("error", (error) => {
      // Any other error concerns a message that did not reach it.
      if (child.pid === undefined) resolve(error);
    });
    child.once("exit", (code, signal) => resolve(signal ?? code ?? 0));
  });
  const { listens, lastLines } = readLog(child, exited, options);
  return {
    pid: child.pid,
    listens,
    exited,
    signal: (name) => void child.kill(name),
    async end(name, killAfterMs = END_MS_MAX) {
      child.kill(name);
      // A process that SIGSTOP has stopped handles no other signal until it continues.
      child.kill("SIGCONT");
      const force = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      const how = await exited;
      clearTimeout(force);
      return how;
    },
    send(message) {
      if (child.connected) child.send(message);
    },
    lastLines,
  };
}

/** Reads its log to the end, which may come after its exit. */
function readLog(
  child: ChildProcess,
  exited: Promise<Exit>,
  { name, startMsMax, onLine }: RunOptions,
): Pick<ServiceProcess, "listens" | "lastLines"> {
  const lines: string[] = [];
  const { promise: listens, resolve, reject } = Promise.withResolvers<Ports>();
  listens.catch(() => {});
  const fail = (what: string) => reject(new Error([`${name} ${what}`, ...lines].join("\n")));
  const failLate = () => fail(`does not listen after ${startMsMax} ms`);
  const tooLate = startMsMax === undefined ? undefined : setTimeout(failLate, startMsMax);
  const ended = () =>
    void exited.then((how) => {
      clearTimeout(tooLate);
      fail(`ended with ${how} before it listened`);
    });
  if (child.pid === undefined) ended();
  else child.once("close", ended);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      if (lines.push(line) > LAST_LINES) lines.shift();
      onLine?.(line);
      const ports = portsIn(line);
      if (ports === undefined) return;
      clearTimeout(tooLate);
      resolve(ports);
    });
  }
  return { listens, lastLines: () => lines.join("\n") };
}

function portsIn(line: string): Ports | undefined {
  if (!/"msg":"(listening|ready)"/.test(line)) return undefined;
  try {
    return readySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
