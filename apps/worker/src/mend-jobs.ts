import { VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/queue.ts";
import type { Redis } from "ioredis";

const QUEUE_KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;

/** What BullMQ reads of a job as JSON before anybody can look at its data. */
const JSON_FIELDS = ["opts", "progress", "parent"] as const;

/**
 * Mends jobs in hand whose fields beside the data are no JSON: BullMQ could neither give them to a worker nor let them fail, and
 * would try for ever. They get the options of every job, and go on by what their data is.
 *
 * @returns the ids of those that were mended.
 */
export async function mendJobs(redis: Redis): Promise<string[]> {
  const mended: string[] = [];
  for (const id of await redis.lrange(`${QUEUE_KEY}:active`, 0, -1)) {
    const key = `${QUEUE_KEY}:${id}`;
    const values = await redis.hmget(key, ...JSON_FIELDS);
    const broken = JSON_FIELDS.filter((_, index) => !isJson(values[index] ?? null));
    if (broken.length === 0) continue;
    await redis.hdel(key, ...broken);
    await redis.hset(key, "opts", JSON.stringify(VIEWS_JOB_OPTIONS));
    mended.push(id);
  }
  return mended;
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
