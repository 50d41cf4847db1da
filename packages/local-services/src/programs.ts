import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, open, readFile, rename, stat } from "node:fs/promises";
import { basename, delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

// node:child_process and not execa: what is needed here (a new session, a log by its file descriptor, another
// user, SIGKILL after a time) both have, and execa would bring twelve packages to replace the twenty lines of `run`.

/** The user and group that a child process runs as; null: those of this process. */
export type Account = { uid: number; gid: number } | null;

/** Why a program cannot be used here. The next one is tried, and the reasons are reported when none is left. */
export type Refusal = { refused: string };

export function isRefusal<Found extends object>(found: Found | Refusal): found is Refusal {
  return "refused" in found;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first file called `name` in the folders of `path` (a PATH variable) that may be executed; else null. */
export async function findOnPath(name: string, path: string | undefined): Promise<string | null> {
  // A relative folder would mean another program in each working directory.
  for (const folder of (path ?? "").split(delimiter).filter(isAbsolute)) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return null;
}

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const COMPLAINT_CHARACTERS_MAX = 600;

export type RunOptions = { timeoutMs: number; env: NodeJS.ProcessEnv; cwd?: string; account?: Account };

/**
 * Runs a program to its end and returns what it printed. Rejects, with the end of its error output, when it cannot be
 * started, ends with another code than 0, or is killed after `timeoutMs`.
 */
export async function run(
  command: string,
  args: readonly string[],
  { timeoutMs, account, ...options }: RunOptions,
): Promise<string> {
  const limits = { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: OUTPUT_BYTES_MAX } as const;
  try {
    return (await promisify(execFile)(command, args, { ...options, ...account, ...limits })).stdout;
  } catch (error) {
    const { killed, stdout = "", stderr = "", message } = error as Error & Partial<Record<string, string>>;
    const output = (stderr.trim() || stdout.trim()).slice(-COMPLAINT_CHARACTERS_MAX);
    const reason = killed ? `did not end within ${timeoutMs} ms` : output || message;
    throw new Error(`${basename(command)}: ${reason}`, { cause: error });
  }
}

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const TAIL_LINES = 15;
const TAIL_CHARACTERS = 4_096;

export type ServerProgram = {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  account: Account;
};

export type SpawnedServer = {
  pid: number;
  /** How it ended, in words, once it has; else null. */
  ended(): string | null;
  /** Resolves when it has ended. */
  exit: Promise<void>;
  /** The last lines it has printed since it was started. */
  lastLines(): Promise<string>;
};

/**
 * Starts a server in its own session: Ctrl-C in a terminal reaches every process of a command, and the launcher has to
 * stop the servers in order instead. The server does not keep this process from ending.
 *
 * What it prints goes to `logFile`. At a start, a log of more than 10 MB is renamed to `.1` first.
 * Rejects when the program cannot be started at all.
 */
export async function spawnServer(program: ServerProgram, logFile: string): Promise<SpawnedServer> {
  const { command, args, env, cwd, account } = program;
  const isFull = await stat(logFile).then(
    ({ size }) => size > LOG_BYTES_MAX,
    () => false,
  );
  if (isFull) await rename(logFile, `${logFile}.1`);
  await using log = await open(logFile, "a", 0o600);
  const { size: start } = await log.stat();
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    ...account,
  });
  let ended: string | null = null;
  const exit = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      resolve();
    });
  });
  await once(child, "spawn").catch((error: unknown) => {
    throw new Error(`cannot start ${command}`, { cause: error });
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`cannot start ${command}`);
  return { pid: child.pid, ended: () => ended, exit, lastLines: () => readTail(logFile, start) };
}

async function readTail(file: string, start: number): Promise<string> {
  const text = (await readFile(file).catch(() => Buffer.of())).subarray(start).toString("utf8");
  return text.trimEnd().slice(-TAIL_CHARACTERS).split("\n").slice(-TAIL_LINES).join("\n");
}
