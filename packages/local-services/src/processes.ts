import { readFileSync } from "node:fs";
import { readFile, readlink, realpath } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "./programs.ts";

const EXIT_POLL_MS = 25;
const LSOF_MS_MAX = 5_000;

/** Whether the process runs. One that has ended and waits to be reaped (a zombie) does not. */
export function isAlive(pid: number): boolean {
  const state = readStat(pid)?.[0];
  return exists(pid) && state !== "Z" && state !== "X";
}

/** Whether there is a process with this id, zombies included. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Distinguishes a process from a later one with the same id: when it started, in clock ticks since boot.
 * Null where the system does not report that (anything but Linux).
 */
export function startMark(pid: number): string | null {
  return readStat(pid)?.[19] ?? null;
}

/** The fields of /proc/PID/stat from the third on; the second, the name, may hold spaces and brackets. */
function readStat(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** What a file holds; "" when there is none. */
export async function readOrEmpty(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}

/** The process id in the first line of a server's pid file; null when there is none. */
export async function readPid(file: string): Promise<number | null> {
  const [line = ""] = (await readOrEmpty(file)).split("\n");
  // PostgreSQL writes a negative one in single-user mode.
  return Math.abs(Number(line)) || null;
}

/**
 * Whether process `pid` runs and is the server of `folder`, not a later process with the same id. PostgreSQL and Redis
 * both make their data folder the working directory. Where that may not be read (root without CAP_SYS_PTRACE, as in
 * a container), the command line names the folder. Null when neither can be read.
 */
export async function servesFolder(pid: number, folder: string): Promise<boolean | null> {
  if (!isAlive(pid)) return false;
  const real = await realpath(folder).catch(() => folder);
  const workingDirectory = await readWorkingDirectory(pid).catch(() => null);
  if (workingDirectory !== null) return workingDirectory === real;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine === "" ? null : commandLine.split("\0").includes(real);
}

async function readWorkingDirectory(pid: number): Promise<string | null> {
  if (process.platform === "linux") return await readlink(`/proc/${pid}/cwd`);
  const options = { timeoutMs: LSOF_MS_MAX, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } };
  const fields = await run("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"], options);
  return /^n(.+)$/m.exec(fields)?.[1] ?? null;
}

/** True when the process is gone within `ms`. */
export async function waitForExit(pid: number, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await pause(EXIT_POLL_MS);
  }
  return true;
}

/** A signal, and for how many milliseconds the process may take to end by it. */
export type StopStep = readonly [signal: NodeJS.Signals, waitMs: number];

/** Sends each signal in turn until the process is gone; rejects when the last one did not end it either. */
export async function endProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!sendSignal(pid, signal)) return;
    // A stopped process handles no signal but SIGKILL until it continues.
    sendSignal(pid, "SIGCONT");
    if (await waitForExit(pid, waitMs)) return;
  }
  throw new Error(`process ${pid} did not end after ${steps.map(([signal]) => signal).join(", ")}`);
}

/** Sends a signal; false when there is no such process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
