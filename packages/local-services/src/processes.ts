import { readFileSync } from "node:fs";
import { readFile, readlink, realpath } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "./run.ts";

const EXIT_POLL_MS = 25;
const LSOF_MS_MAX = 5_000;

/** Whether the process runs: one that has ended and waits to be reaped (a zombie) does not. */
export function isAlive(pid: number): boolean {
  if (!exists(pid)) return false;
  const state = readStat(pid)?.[0];
  return state !== "Z" && state !== "X";
}

/** Whether the system still knows the process id, zombies included. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Tells a process from a later one with the same id: when it started, in clock ticks since boot.
 * Null where the system does not say (anything but Linux).
 */
export function startMark(pid: number): string | null {
  return readStat(pid)?.[19] ?? null;
}

/** The fields of /proc/PID/stat from the third on; the second, the name, may hold spaces and brackets. */
function readStat(pid: number): string[] | null {
  if (process.platform !== "linux") return null;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/**
 * Whether process `pid` is the server of `folder`, and not some later process with the same id. PostgreSQL and Redis
 * both make their data folder the working directory; where that may not be read (root without CAP_SYS_PTRACE, as in
 * a container) the command line names it too. Null when neither can be found out.
 */
export async function servesFolder(pid: number, folder: string): Promise<boolean | null> {
  const real = await realpath(folder).catch(() => folder);
  const workingDirectory = await readWorkingDirectory(pid);
  if (workingDirectory !== null) return workingDirectory === real;
  if (process.platform !== "linux") return null;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine === "" ? null : commandLine.split("\0").includes(real);
}

async function readWorkingDirectory(pid: number): Promise<string | null> {
  try {
    if (process.platform === "linux") return await readlink(`/proc/${pid}/cwd`);
    if (process.platform === "win32") return null;
    const fields = await run("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"], {
      timeoutMs: LSOF_MS_MAX,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    return /^n(.+)$/m.exec(fields)?.[1] ?? null;
  } catch {
    return null;
  }
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

/** A signal, and how many milliseconds it is given to work. */
export type StopStep = readonly [signal: NodeJS.Signals, waitMs: number];

/** Sends each signal in turn until the process is gone; rejects when the last one did not end it either. */
export async function endProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!signalProcess(pid, signal)) return;
    // A paused process takes no signal but SIGKILL until it is let go on.
    if (process.platform !== "win32") signalProcess(pid, "SIGCONT");
    if (await waitForExit(pid, waitMs)) return;
  }
  throw new Error(`process ${pid} did not end after ${steps.map(([signal]) => signal).join(", ")}`);
}

/** False when there is no such process. */
function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
