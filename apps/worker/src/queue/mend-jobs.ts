import { VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Redis } from "ioredis";

const QUEUE_KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;

/** What BullMQ reads of a job as JSON before anybody can look at its data. */
const JSON_FIELDS = ["opts", "progress", "parent"] as const;

/** Jobs that are looked at in one round trip. */
const PAGE_JOBS = 500;

/**
 * Mends jobs in hand whose fields beside the data are no JSON: BullMQ could neither give them to a worker nor let them fail, and
 * would try for ever. They get the options of every job, and go on by what their data is.
 *
 * A job may be passed over, when others end while it is looked for: it is found when BullMQ has come upon it again.
 *
 * @returns the id of each that was mended, page by page.
 * @throws while Redis is away, what it answered.
 */
export async function* mendJobs(redis: Redis): AsyncGenerator<string> {
  for (let from = 0; ; from += PAGE_JOBS) {
    const ids = await redis.lrange(`${QUEUE_KEY}:active`, from, from + PAGE_JOBS - 1);
    const looks = ids.map(async (id) => ({ id, broken: await brokenFields(redis, id) }));
    for (const { id, broken } of await Promise.all(looks)) {
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
