import { VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Redis } from "ioredis";

const QUEUE_KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;

/** Fields of a job, besides its data, that BullMQ parses as JSON. */
const JSON_FIELDS = ["opts", "progress", "parent"] as const;

/** Jobs per round trip. */
const PAGE_JOBS = 500;

export type JobRepairOptions = {
  redis: Redis;
  /** Called for each job that was repaired. */
  onRepaired: (jobId: string) => void;
  /** Called when Redis did not answer. */
  onError: (error: unknown) => void;
};

/**
 * Repairs active jobs whose fields besides the data are not JSON. BullMQ can neither run nor fail such a job, and would
 * try for ever. A repaired one has the usual options, and what happens next depends on its data.
 *
 * Returns a function that starts a pass over all active jobs. If one is running already, another follows it, however
 * often it is called meanwhile. A pass may miss a job while others end: BullMQ finds that one again.
 */
export function createJobRepair({ redis, onRepaired, onError }: JobRepairOptions): () => void {
  let isRunning = false;
  let isNeededAgain = false;

  async function repair(): Promise<void> {
    isRunning = true;
    do {
      isNeededAgain = false;
      try {
        for await (const id of repairActiveJobs(redis)) onRepaired(id);
      } catch (error) {
        onError(error);
      }
    } while (isNeededAgain);
    isRunning = false;
  }

  return () => {
    if (isRunning) isNeededAgain = true;
    else void repair();
  };
}

async function* repairActiveJobs(redis: Redis): AsyncGenerator<string> {
  for (let from = 0; ; from += PAGE_JOBS) {
    const ids = await redis.lrange(`${QUEUE_KEY}:active`, from, from + PAGE_JOBS - 1);
    const jobs = ids.map(async (id) => ({ id, broken: await brokenFields(redis, id) }));
    for (const { id, broken } of await Promise.all(jobs)) {
      if (broken.length === 0) continue;
      const key = `${QUEUE_KEY}:${id}`;
      await redis.hdel(key, ...broken);
      await redis.hset(key, "opts", JSON.stringify(VIEWS_JOB_OPTIONS));
      yield id;
    }
    if (ids.length < PAGE_JOBS) return;
  }
}

async function brokenFields(redis: Redis, id: string): Promise<string[]> {
  const values = await redis.hmget(`${QUEUE_KEY}:${id}`, ...JSON_FIELDS);
  return JSON_FIELDS.filter((_, index) => !isJson(values[index] ?? null));
}

function isJson(text: string | null): boolean {
  if (text === null) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
