import type { Redis } from "ioredis";
import type { QueueStatus } from "../contracts/pipeline.ts";
import { VIEWS_QUEUE } from "../contracts/views-queue.ts";
import { viewsIn } from "./accounts.ts";

/** Batches that are looked into to count their views: some megabytes at most. */
const BATCHES_READ_MAX = 100;

const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;

/**
 * How is the queue? As cheap with a million jobs as with one: counts, and the ends of lists. BullMQ adds to the left of `wait` and
 * `active` takes from the right, so the oldest is the last (https://docs.bullmq.io/guide/architecture).
 *
 * @param now by Redis' clock or one that agrees with it: jobs have the time of ingest's clock.
 */
export async function queueStatus(redis: Redis, now: Date): Promise<QueueStatus> {
  const [waiting, paused, active, delayed, failed, isPaused, ...oldest] = await Promise.all([
    redis.llen(keyOf("wait")),
    redis.llen(keyOf("paused")),
    redis.llen(keyOf("active")),
    redis.zcard(keyOf("delayed")),
    redis.zcard(keyOf("failed")),
    redis.hexists(keyOf("meta"), "paused"),
    redis.lindex(keyOf("wait"), -1),
    redis.lindex(keyOf("paused"), -1),
    redis.lindex(keyOf("active"), -1),
    redis.zrange(keyOf("delayed"), "0", "0").then(([id]) => id ?? null),
  ]);
  const waitingJobs = waiting + paused + delayed;
  const times = await Promise.all(oldest.map((id) => addedAt(redis, id)));
  const known = times.filter((time) => time !== undefined);
  return {
    waitingJobs,
    activeJobs: active,
    failedJobs: failed,
    waitingViews: waitingJobs + active > BATCHES_READ_MAX ? null : await viewsOf(redis),
    oldestWaitingSeconds:
      known.length === 0 ? null : Math.max(0, (now.getTime() - Math.min(...known)) / 1_000),
    isPaused: isPaused === 1,
  };
}

/** When a job was added, in milliseconds since 1970; undefined when it is gone, or is a marker of the queue. */
async function addedAt(redis: Redis, id: string | null): Promise<number | undefined> {
  if (id === null) return undefined;
  const time = Number(await redis.hget(keyOf(id), "timestamp"));
  return time > 0 ? time : undefined;
}

async function viewsOf(redis: Redis): Promise<number> {
  const last = BATCHES_READ_MAX - 1;
  const ids = (
    await Promise.all([
      redis.lrange(keyOf("wait"), 0, last),
      redis.lrange(keyOf("paused"), 0, last),
      redis.lrange(keyOf("active"), 0, last),
      redis.zrange(keyOf("delayed"), "0", String(last)),
    ])
  ).flat();
  const texts = await Promise.all(ids.map((id) => redis.hget(keyOf(id), "data")));
  return texts.reduce((views, text) => views + viewsIn(parsed(text)), 0);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return undefined;
  }
}
