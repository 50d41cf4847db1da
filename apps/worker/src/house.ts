import { VIEWS_QUEUE, VIEWS_WORKER_TIMES } from "@model-views/shared/queue.ts";
import { type Job, Queue, type RepeatOptions, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { createHolds } from "./holds.ts";

/** A queue of its own beside that of the views. */
export const HOUSE_QUEUE = { name: "house", prefix: VIEWS_QUEUE.prefix } as const;

/** Milliseconds between two times that the schedules are told to Redis, which may have been emptied meanwhile. */
const SCHEDULE_EVERY_MS = 10 * 60_000;
/** Milliseconds until they are told again after Redis did not take them. */
const SCHEDULE_RETRY_MS = 5_000;

const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: 20 } as const;

/**
 * A task with fixed times that failed, or was not to be done at the moment, is tried again for an hour: its next time may
 * be a day away. One that comes again and again is not: its next time is soon.
 */
const TRY_AGAIN = { attempts: 60, backoff: { type: "fixed", delay: 60_000 } } as const;

/** What the job of a task that may not run says. */
const NOT_NOW = "not now";

/** Something to do again and again: when, and what it did, in words; undefined when there was nothing to do. */
export type HouseTask = { when: RepeatOptions; run: () => Promise<string | undefined> };

export type KeepHouseOptions<Name extends string> = {
  /** For the schedules; fails at once while Redis is away. */
  redis: Redis;
  /** For the jobs; waits while Redis is away. */
  workerRedis: Redis;
  tasks: Record<Name, HouseTask>;
  /** While it is false nothing is done, and tried again later. */
  mayRun: () => boolean;
  onDone: (task: Name, did: string | undefined) => void;
  onError: (error: unknown, message: string) => void;
};

/**
 * Keeps the house: every task runs at its times, once, however many workers there are (BullMQ's job schedulers), and one
 * after the other in each. Tasks may be run twice all the same, when a worker is killed in the middle.
 *
 * Returns how to stop.
 */
export function keepHouse<Name extends string>(options: KeepHouseOptions<Name>): () => Promise<void> {
  const { redis, workerRedis, tasks, mayRun, onDone, onError } = options;
  const names = Object.keys(tasks) as Name[];
  const isTask = (name: string): name is Name => names.some((each) => each === name);
  const queue = new Queue(HOUSE_QUEUE.name, {
    connection: redis,
    prefix: HOUSE_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
  });
  // The connection logs its own errors; without a listener the queue would throw them.
  queue.on("error", () => {});
  const worker = new Worker(HOUSE_QUEUE.name, runTask, {
    connection: workerRedis,
    prefix: HOUSE_QUEUE.prefix,
    concurrency: 1,
    ...VIEWS_WORKER_TIMES,
  });
  createHolds(worker, (error) => onError(error, "the queue of the housekeeping reports an error"));
  worker.on("failed", (job, error) => {
    if (error.message !== NOT_NOW) onError(error, `${job?.name} failed, and is tried again`);
  });
  let timer = setTimeout(schedule, 0);

  async function runTask({ name }: Job): Promise<void> {
    // A task of another version: it has workers of its own.
    if (!isTask(name)) return;
    if (!mayRun()) throw new Error(NOT_NOW);
    onDone(name, await tasks[name].run());
  }

  async function schedule(): Promise<void> {
    let nextMs = SCHEDULE_EVERY_MS;
    try {
      for (const name of names) await scheduleTask(name);
    } catch (error) {
      onError(error, "could not schedule the housekeeping, trying again");
      nextMs = SCHEDULE_RETRY_MS;
    }
    if (!worker.closing) timer = setTimeout(schedule, nextMs);
  }

  /** Only when there is no such schedule yet: telling it again would drop the job that is due at this very moment. */
  async function scheduleTask(name: Name): Promise<void> {
    const { when } = tasks[name];
    const { every, pattern, tz } = (await queue.getJobScheduler(name)) ?? {};
    if (every === when.every && pattern === when.pattern && tz === when.tz) return;
    const opts = when.every === undefined ? { ...JOB_OPTIONS, ...TRY_AGAIN } : JOB_OPTIONS;
    await queue.upsertJobScheduler(name, when, { name, opts });
  }

  return async () => {
    clearTimeout(timer);
    await Promise.all([worker.close(), queue.close()]);
  };
}
