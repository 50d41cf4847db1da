import { VIEWS_QUEUE, VIEWS_WORKER_TIMES } from "@model-views/shared/queue.ts";
import { type Job, Queue, type RepeatOptions, Worker } from "bullmq";
import type { Redis } from "ioredis";

/** A queue of its own beside that of the views. */
export const HOUSE_QUEUE = { name: "house", prefix: VIEWS_QUEUE.prefix } as const;

/** Milliseconds between two times that the schedules are told to Redis, which may have been emptied meanwhile. */
const SCHEDULE_EVERY_MS = 10 * 60_000;
/** Milliseconds until they are told again after Redis did not take them. */
const SCHEDULE_RETRY_MS = 5_000;

/** Failed jobs that are kept for operators to see; the next time does what they did not do. */
const FAILED_JOBS_KEPT = 20;

/** Something to do again and again: when, and what it did, in words; undefined when there was nothing to do. */
export type HouseTask = { when: RepeatOptions; run: () => Promise<string | undefined> };

export type KeepHouseOptions<Name extends string> = {
  /** For the schedules; fails at once while Redis is away. */
  redis: Redis;
  /** For the jobs; waits while Redis is away. */
  workerRedis: Redis;
  tasks: Record<Name, HouseTask>;
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
  const { redis, workerRedis, tasks, onDone, onError } = options;
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
  worker.on("error", () => {});
  worker.on("failed", (job, error) => onError(error, `${job?.name} failed, and is done the next time`));
  let timer = setTimeout(schedule, 0);

  async function runTask({ name }: Job): Promise<void> {
    // A task of another version: it has workers of its own.
    if (isTask(name)) onDone(name, await tasks[name].run());
  }

  async function schedule(): Promise<void> {
    let nextMs = SCHEDULE_EVERY_MS;
    try {
      for (const name of names) {
        await queue.upsertJobScheduler(name, tasks[name].when, {
          name,
          opts: { removeOnComplete: true, removeOnFail: FAILED_JOBS_KEPT, attempts: 1 },
        });
      }
    } catch (error) {
      onError(error, "could not schedule the housekeeping, trying again");
      nextMs = SCHEDULE_RETRY_MS;
    }
    if (!worker.closing) timer = setTimeout(schedule, nextMs);
  }

  return async () => {
    clearTimeout(timer);
    await Promise.all([worker.close(), queue.close()]);
  };
}
