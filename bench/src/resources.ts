import { readFile } from "node:fs/promises";
import type { Redis } from "ioredis";

/** Linux counts in ticks, on every platform that Node runs on of 10 ms. */
const TICK_US = 10_000;
const SECOND_US = 1_000_000;

/** Microseconds of CPU; undefined where the system does not tell. */
export type CpuTime = { program: number | undefined; redis: number };

/** The CPU that a process (Linux only) and Redis have used since they began. */
export async function cpuTime(pid: number, redis: Redis): Promise<CpuTime> {
  return { program: await programCpu(pid), redis: await redisCpu(redis) };
}

/** What was used between two such moments, per view. */
export function cpuPerView(before: CpuTime, after: CpuTime, views: number): CpuTime {
  const program =
    before.program === undefined || after.program === undefined
      ? undefined
      : (after.program - before.program) / views;
  return { program, redis: (after.redis - before.redis) / views };
}

async function programCpu(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is a name in parentheses, with any character in it; user and system time are the 14th and 15th.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isNaN(ticks) ? undefined : ticks * TICK_US;
}

async function redisCpu(redis: Redis): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = (name: string) => Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1] ?? 0);
  return (seconds("used_cpu_user") + seconds("used_cpu_sys")) * SECOND_US;
}
