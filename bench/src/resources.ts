import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Redis } from "ioredis";

/** Linux counts CPU time in ticks, which are 10 ms on every platform of Node. */
const TICK_US = 10_000;
const SECOND_US = 1_000_000;

/** Microseconds of CPU time; undefined where the system does not show it. */
export type CpuTime = { program: number | undefined; redis: number };

/** The CPU time that a process (Linux only) and Redis have used since their start. */
export async function cpuTime(pid: number, redis: Redis): Promise<CpuTime> {
  return { program: await programCpu(pid), redis: await redisCpu(redis) };
}

/** The CPU time between two measurements, per view. */
export function cpuPerView(before: CpuTime, after: CpuTime, views: number): CpuTime {
  const program =
    before.program === undefined || after.program === undefined
      ? undefined
      : (after.program - before.program) / views;
  return { program, redis: (after.redis - before.redis) / views };
}

async function programCpu(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is a name in parentheses that may contain any character; user and system time are the 14th and 15th.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isNaN(ticks) ? undefined : ticks * TICK_US;
}

async function redisCpu(redis: Redis): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = (name: string) => Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1] ?? 0);
  return (seconds("used_cpu_user") + seconds("used_cpu_sys")) * SECOND_US;
}

/** Each look costs some milliseconds of a core. A peak between two looks is missed. */
const LOOK_EVERY_MS = 500;
const KIB = 1_024;

export type PeakMemory = {
  /** The largest resident memory seen so far, in bytes; undefined where `ps` failed. */
  bytes(): number | undefined;
  stop(): void;
};

/** Watches a process's resident memory with `ps`, which both Linux and macOS have. */
export function watchPeakMemory(pid: number): PeakMemory {
  let peak: number | undefined;
  const look = () =>
    execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, stdout) => {
      const kib = Number.parseInt(stdout, 10);
      if (error === null && kib > 0) peak = Math.max(peak ?? 0, kib * KIB);
    });
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { bytes: () => peak, stop: () => clearInterval(timer) };
}
