import { randomUUID } from "node:crypto";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { redisTime } from "@model-views/shared/queue/redis-clock.ts";
import type { Redis } from "ioredis";

/** Milliseconds between two looks for what is due. */
const LOOK_MS = 1_000;
/** The same after a look that failed, because Redis is away for example. */
const LOOK_AGAIN_MS = 5_000;
/** Milliseconds after which the task of a worker that has died is another's. */
const LOCK_MS = 30_000;
/** Milliseconds at most until a task that failed is tried again: its next time may be a day away. */
const RETRY_MS_MAX = 60_000;

/** When something is to be done: once in each of the periods that follow each other since 1970 (UTC). */
export type MaintenanceTimes = {
  everyMs: number;
  /** Milliseconds by which the periods begin later; 0 by default. */
  offsetMs?: number;
  /** Whether it is done at once by the first worker ever, and not only when the next period begins. */
  atFirst?: boolean;
};

/** Something to do again and again: when, and what it did, in words; undefined when there was nothing to do. */
export type MaintenanceTask = { when: MaintenanceTimes; run: () => Promise<string | undefined> };

export type ScheduleMaintenanceOptions<Name extends string> = {
  /** Fails at once while Redis is away. */
  redis: Redis;
  tasks: Record<Name, MaintenanceTask>;
  /** While it is false nothing is begun. */
  mayRun: () => boolean;
  onDone: (task: Name, did: string | undefined) => void;
  /** Told of a task that failed: it is tried again, by any worker. */
  onFailed: (task: Name, error: unknown) => void;
  /** Told when it cannot be seen what is due. */
  onError: (error: unknown) => void;
};

export type Maintenance = {
  /** Why tasks failed at their last try in this process; none of those that were done since, by any. */
  failures(): string[];
  /** Begins nothing more, and waits for what is under way: whoever stops ends that first. Its failure is no failure then. */
  stop(): Promise<void>;
};

/** Where Redis keeps the period in which a task was done last, and who does it at the moment. */
export function maintenanceKey(task: string): string {
  return `${VIEWS_QUEUE.prefix}:maintenance:${task}`;
}
const lockKey = (task: string) => `${maintenanceKey(task)}:lock`;

const RELEASE =
  'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0';
const EXTEND =
  'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("pexpire", KEYS[1], ARGV[2]) end return 0';

/**
 * Every task is done once in each of its periods, however many workers there are, and one after the other in each. A task
 * may run twice all the same, when a worker stands still for longer than {@link LOCK_MS} in the middle.
 *
 * The clock is Redis', and the pauses in between are timers, which know no clock: a worker whose clock is wrong, or is set,
 * does everything at its time.
 */
export function scheduleMaintenance<Name extends string>(
  options: ScheduleMaintenanceOptions<Name>,
): Maintenance {
  const { redis, tasks, mayRun, onDone, onFailed, onError } = options;
  const names = Object.keys(tasks) as Name[];
  const failures = new Map<Name, string>();
  let stopped = false;
  let timer = setTimeout(begin, 0);
  let looking: Promise<void> = Promise.resolve();

  function begin(): void {
    looking = look().then(
      () => schedule(LOOK_MS),
      (error: unknown) => {
        if (!stopped) onError(error);
        schedule(LOOK_AGAIN_MS);
      },
    );
  }

  function schedule(ms: number): void {
    if (!stopped) timer = setTimeout(begin, ms);
  }

  async function look(): Promise<void> {
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

  /** Unless another worker does it at the moment, or has just done it. */
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
      // Kept for as long as nobody is to try it again.
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
      await looking;
    },
  };
}

function periodAt({ everyMs, offsetMs = 0 }: MaintenanceTimes, now: Date): number {
  return Math.floor((now.getTime() - offsetMs) / everyMs);
}

/**
 * Not done in this period. One that was done in a later one was so by a clock that has been set back since; only the next
 * one counts as done, for a clock may step a little just when a period begins.
 */
function isDue(doneIn: string | null, period: number): boolean {
  return doneIn === null || Number(doneIn) < period || Number(doneIn) > period + 1;
}
