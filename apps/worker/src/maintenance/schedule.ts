import { randomUUID } from "node:crypto";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { redisTime } from "@model-views/shared/queue/redis.ts";
import type { Redis } from "ioredis";

/** Milliseconds between checks of what is due. */
const CHECK_MS = 1_000;
/** The same after a failed check, for example because Redis is away. */
const CHECK_AGAIN_MS = 5_000;
/** Milliseconds after which another worker may run the task of a worker that died. */
const LOCK_MS = 30_000;
/** Longest time until a failed task is tried again, in milliseconds: its next period may be a day away. */
const RETRY_MS_MAX = 60_000;

/** When a task is due: once in each period, counted from 1970 (UTC). */
export type MaintenanceTimes = {
  everyMs: number;
  /** Milliseconds by which the periods start later; 0 by default. */
  offsetMs?: number;
  /** Whether the first worker ever runs it at once, instead of when the next period begins. */
  atFirst?: boolean;
};

/** A recurring task. `run` returns what it did, in words; undefined when there was nothing to do. */
export type MaintenanceTask = { when: MaintenanceTimes; run: () => Promise<string | undefined> };

export type ScheduleMaintenanceOptions<Name extends string> = {
  /** Must fail at once while Redis is away. */
  redis: Redis;
  tasks: Record<Name, MaintenanceTask>;
  /** While it returns false, no task is started. */
  mayRun: () => boolean;
  onDone: (task: Name, did: string | undefined) => void;
  /** Called when a task fails. Any worker tries it again. */
  onFailed: (task: Name, error: unknown) => void;
  /** Called when it is unknown what is due. */
  onError: (error: unknown) => void;
};

export type Maintenance = {
  /** Why tasks failed at their last attempt in this process, without those that any worker has done since. */
  failures(): string[];
  /** Starts no more tasks and waits for the running one, which the caller cancels first: its failure does not count. */
  stop(): Promise<void>;
};

/** The key in Redis of the period in which a task was last done. */
export function maintenanceKey(task: string): string {
  return `${VIEWS_QUEUE.prefix}:maintenance:${task}`;
}
const lockKey = (task: string) => `${maintenanceKey(task)}:lock`;

const RELEASE =
  'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0';
const EXTEND =
  'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pexpire", KEYS[1], ARGV[2]) end return 0';

/**
 * Runs every task once in each of its periods, however many workers there are, and one after the other in each worker. A
 * task may still run twice, if a worker stops for longer than {@link LOCK_MS} in the middle.
 *
 * Uses Redis' clock, and timers in between: a worker whose clock is wrong or gets set does everything on time.
 */
export function scheduleMaintenance<Name extends string>(
  options: ScheduleMaintenanceOptions<Name>,
): Maintenance {
  const { redis, tasks, mayRun, onDone, onFailed, onError } = options;
  const names = Object.keys(tasks) as Name[];
  const failures = new Map<Name, string>();
  let stopped = false;
  let timer = setTimeout(begin, 0);
  let checking: Promise<void> = Promise.resolve();

  function begin(): void {
    checking = check().then(
      () => schedule(CHECK_MS),
      (error: unknown) => {
        if (!stopped) onError(error);
        schedule(CHECK_AGAIN_MS);
      },
    );
  }

  function schedule(ms: number): void {
    if (!stopped) timer = setTimeout(begin, ms);
  }

  async function check(): Promise<void> {
    if (!mayRun()) return;
    const [now, done] = await Promise.all([redisTime(redis), redis.mget(names.map(maintenanceKey))]);
    for (const [index, name] of names.entries()) {
      const { when } = tasks[name];
      const period = periodAt(when, now);
      if (stopped) return;
      if (!isDue(done[index] ?? null, period)) {
        failures.delete(name);
        continue;
      }
      if (done[index] === null && when.atFirst !== true) {
        await redis.set(maintenanceKey(name), period, "NX");
      } else await runAlone(name, period);
    }
  }

  /** Runs the task, unless another worker is running it or has just finished it. */
  async function runAlone(name: Name, period: number): Promise<void> {
    const token = randomUUID();
    if ((await redis.set(lockKey(name), token, "PX", LOCK_MS, "NX")) === null) return;
    const extending = setInterval(() => {
      redis.eval(EXTEND, 1, lockKey(name), token, LOCK_MS).catch(() => {});
    }, LOCK_MS / 3);
    try {
      if (!isDue(await redis.get(maintenanceKey(name)), period)) return await release(name, token);
      onDone(name, await tasks[name].run());
      failures.delete(name);
      await redis.set(maintenanceKey(name), period);
      await release(name, token);
    } catch (error) {
      if (stopped) return await release(name, token);
      failures.set(name, `${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      onFailed(name, error);
      // Keeps the lock until the next attempt.
      const retryMs = Math.min(tasks[name].when.everyMs, RETRY_MS_MAX);
      await redis.eval(EXTEND, 1, lockKey(name), token, retryMs);
    } finally {
      clearInterval(extending);
    }
  }

  async function release(name: Name, token: string): Promise<void> {
    await redis.eval(RELEASE, 1, lockKey(name), token);
  }

  return {
    failures: () => [...failures.values()],
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await checking;
    },
  };
}

function periodAt({ everyMs, offsetMs = 0 }: MaintenanceTimes, now: Date): number {
  return Math.floor((now.getTime() - offsetMs) / everyMs);
}

/**
 * Whether it was not done in this period. "Done" in a later period means that the clock was set back since then. Only the
 * next period still counts as done, because a clock may be adjusted a little just when a period begins.
 */
function isDue(doneIn: string | null, period: number): boolean {
  return doneIn === null || Number(doneIn) < period || Number(doneIn) > period + 1;
}
