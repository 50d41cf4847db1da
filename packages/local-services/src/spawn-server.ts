import { spawn } from "node:child_process";
import { closeSync, openSync, readSync, renameSync, statSync } from "node:fs";
import type { Account } from "./run.ts";

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 4_096;
const LOG_TAIL_LINES = 15;

export type SpawnedServer = {
  pid: number;
  /** How it ended, in words, once it has; else null. */
  ended(): string | null;
  /** Settles when it has ended; never rejects. */
  exit: Promise<void>;
  /** The last lines it wrote since it was started. */
  lastLines(): string;
};

export type ServerProgram = {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  account: Account;
  /** Receives what the server prints. Over 10 MB it is set aside as `.1`, and a new one begun. */
  logFile: string;
};

/**
 * Starts a server in a session of its own, so that the Ctrl-C a terminal sends to all of a command's processes does not
 * reach it: the launcher stops it, in order. It does not keep this process from ending either.
 *
 * Rejects when the program cannot be started at all.
 */
export async function spawnServer(program: ServerProgram): Promise<SpawnedServer> {
  const { command, args, env, cwd, account, logFile } = program;
  const log = openLog(logFile);
  const from = statSync(logFile).size;
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", log, log],
    ...(account ?? {}),
  });
  closeSync(log);
  let ended: string | null = null;
  const exit = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new Error(`cannot start ${command}`, { cause: error })));
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`cannot start ${command}`);
  return { pid: child.pid, ended: () => ended, exit, lastLines: () => lastLines(logFile, from) };
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

/** The last lines of a log, from byte `from` on. */
export function lastLines(file: string, from = 0): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const start = Math.max(from, size - LOG_TAIL_BYTES);
  if (size <= start) return "";
  const bytes = Buffer.alloc(size - start);
  const log = openSync(file, "r");
  try {
    readSync(log, bytes, 0, bytes.length, start);
  } finally {
    closeSync(log);
  }
  return bytes.toString("utf8").trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
}
