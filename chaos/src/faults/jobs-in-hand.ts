import { setTimeout as pause } from "node:timers/promises";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Redis } from "ioredis";

const KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;
const LOOK_EVERY_MS = 25;

/** A job that a worker has in hand: its id, and that worker's mark in the lock (undefined when nobody holds it). */
export type ActiveJob = { id: string; holder: string | undefined };

/** Which jobs do workers have in hand? Rejects while Redis is away. */
export async function activeJobs(redis: Redis): Promise<ActiveJob[]> {
  const ids = await redis.lrange(`${KEY}:active`, 0, -1);
  return Promise.all(ids.map(async (id) => ({ id, holder: await holderOf(redis, id) })));
}

/** Resolves with true when the jobs in hand are as wanted, with false when they are not within `ms`. */
export async function untilJobsInHand(
  redis: Redis,
  { areThese, ms }: { areThese: (jobs: readonly ActiveJob[]) => boolean; ms: number },
): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (performance.now() < deadline) {
    const jobs = await activeJobs(redis).catch(() => undefined);
    if (jobs !== undefined && areThese(jobs)) return true;
    await pause(LOOK_EVERY_MS);
  }
  return false;
}

export type DoneJobs = {
  /** Jobs that the killed worker had in hand. */
  jobs: number;
  /** Milliseconds from its kill until the last of them was done, or until nobody waited any more. */
  ms: number;
};

/**
 * Follows jobs that were in hand when a worker was killed until each is done. Those of other workers are told by their
 * locks, which go on; the dead one's lock runs out, or another worker's takes its place.
 */
export async function followJobs(
  redis: Redis,
  { jobs, killedAtMs, isOver }: { jobs: readonly ActiveJob[]; killedAtMs: number; isOver: () => boolean },
): Promise<DoneJobs> {
  const left = new Map(jobs.map(({ id, holder }) => [id, holder]));
  const orphans = new Set<string>();
  let lastDoneMs = 0;
  while (left.size > 0 && !isOver()) {
    for (const [id, holder] of left) {
      const state = await stateOf(redis, id).catch(() => undefined);
      // Redis is away: nothing is known for now.
      if (state === undefined) break;
      if (state.isDone) {
        left.delete(id);
        if (orphans.has(id)) lastDoneMs = performance.now() - killedAtMs;
      } else if (!state.isDelayed && state.holder !== holder) orphans.add(id);
      else if (state.isDelayed && !orphans.has(id)) left.delete(id);
    }
    await pause(LOOK_EVERY_MS);
  }
  const isGivenUp = [...orphans].some((id) => left.has(id));
  return { jobs: orphans.size, ms: isGivenUp ? performance.now() - killedAtMs : lastDoneMs };
}

async function stateOf(
  redis: Redis,
  id: string,
): Promise<{ isDone: boolean; isDelayed: boolean; holder: string | undefined }> {
  const [exists, failedAt, holder, delayedAt] = await Promise.all([
    redis.exists(`${KEY}:${id}`),
    redis.zscore(`${KEY}:failed`, id),
    holderOf(redis, id),
    redis.zscore(`${KEY}:delayed`, id),
  ]);
  return { isDone: exists === 0 || failedAt !== null, isDelayed: delayedAt !== null, holder };
}

/** A lock's token is the worker's own mark, and a number. */
async function holderOf(redis: Redis, id: string): Promise<string | undefined> {
  return (await redis.get(`${KEY}:${id}:lock`))?.split(":")[0];
}
