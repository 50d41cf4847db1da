import { setTimeout as pause } from "node:timers/promises";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Redis } from "ioredis";

const KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;
const LOOK_EVERY_MS = 25;

/** A job that a worker has taken: its id, and the worker's mark in the job's lock (undefined without a lock). */
export type ActiveJob = { id: string; worker: string | undefined };

/** The jobs that workers have taken. Rejects while Redis is away. */
export async function activeJobs(redis: Redis): Promise<ActiveJob[]> {
  const ids = await redis.lrange(`${KEY}:active`, 0, -1);
  return Promise.all(ids.map(async (id) => ({ id, worker: await workerOf(redis, id) })));
}

/** Resolves with true when the active jobs are as wanted, with false when they are not within `ms`. */
export async function untilActiveJobs(
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
  /** Active jobs of the killed worker. */
  jobs: number;
  /** Milliseconds from its kill until the last of them was done, or until the run was over. */
  ms: number;
};

/**
 * Follows the jobs that were active when a worker was killed until each is done. The lock of a living worker is renewed; the lock
 * of the dead one expires, or is replaced by another worker's.
 */
export async function followJobs(
  redis: Redis,
  { jobs, killedAtMs, isOver }: { jobs: readonly ActiveJob[]; killedAtMs: number; isOver: () => boolean },
): Promise<DoneJobs> {
  const left = new Map(jobs.map(({ id, worker }) => [id, worker]));
  const orphans = new Set<string>();
  let lastDoneMs = 0;
  while (left.size > 0 && !isOver()) {
    for (const [id, worker] of left) {
      const state = await stateOf(redis, id).catch(() => undefined);
      // Redis is away: look again later.
      if (state === undefined) break;
      if (state.isDone) {
        left.delete(id);
        if (orphans.has(id)) lastDoneMs = performance.now() - killedAtMs;
      } else if (!state.isDelayed && state.worker !== worker) orphans.add(id);
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
): Promise<{ isDone: boolean; isDelayed: boolean; worker: string | undefined }> {
  const [exists, failedAt, worker, delayedAt] = await Promise.all([
    redis.exists(`${KEY}:${id}`),
    redis.zscore(`${KEY}:failed`, id),
    workerOf(redis, id),
    redis.zscore(`${KEY}:delayed`, id),
  ]);
  return { isDone: exists === 0 || failedAt !== null, isDelayed: delayedAt !== null, worker };
}

/** A lock's token is the worker's mark, and a number. */
async function workerOf(redis: Redis, id: string): Promise<string | undefined> {
  return (await redis.get(`${KEY}:${id}:lock`))?.split(":")[0];
}
