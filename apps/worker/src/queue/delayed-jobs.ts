import { VIEWS_JOB, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { redisTime } from "@model-views/shared/queue/redis.ts";
import { Job, type Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Milliseconds between checks. */
const CHECK_MS = 5_000;
/** Twice the longest delay of a job (see record-jobs.ts), in milliseconds, because clocks differ a little. */
const AHEAD_MS_MAX = 10 * 60_000;
/** Milliseconds for which a due job may wait, if the workers' clocks are behind. */
const OVERDUE_MS_MAX = 10_000;
/** Jobs per check. */
const JOBS_MAX = 1_000;
/** How BullMQ encodes a time in the score of a delayed job. */
const SCORE_OF_MS = 0x1000;

export type WatchDelayedOptions = {
  /** Must fail at once while Redis is away. */
  redis: Redis;
  queue: Queue;
  /** While it returns false, workers take no jobs, so none is overdue. */
  canRecord: () => boolean;
  /** Called with the number of jobs that a wrong clock had delayed for too long, and that wait again now. */
  onPromoted: (jobs: number) => void;
  onError: (error: unknown) => void;
};

/**
 * A job that is given back becomes due by the clock of the worker that gave it back, and is found due by the clock of the
 * worker that checks. If one of them is wrong, the job could wait for hours. So jobs whose time is implausible by Redis'
 * clock are promoted. The first check promotes all: this worker's version may understand what older ones left to it.
 *
 * Returns a function that stops it.
 */
export function watchDelayed(options: WatchDelayedOptions): () => void {
  const { redis, queue, canRecord, onPromoted, onError } = options;
  const key = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:delayed`;
  let isFirst = true;
  let timer = setTimeout(begin, 0);
  let stopped = false;

  function begin(): void {
    check()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(begin, CHECK_MS);
      });
  }

  async function check(): Promise<void> {
    const now = (await redisTime(redis)).getTime();
    const from = isFirst ? now : now + AHEAD_MS_MAX;
    const ahead = await redis.zrangebyscore(key, from * SCORE_OF_MS, "+inf", "LIMIT", 0, JOBS_MAX);
    const overdue = canRecord()
      ? await redis.zrangebyscore(key, 0, (now - OVERDUE_MS_MAX) * SCORE_OF_MS, "LIMIT", 0, JOBS_MAX)
      : [];
    let promoted = 0;
    for (const id of [...ahead, ...overdue]) if (await promote(id)) promoted += 1;
    if (promoted > 0 && !isFirst) onPromoted(promoted);
    isFirst = ahead.length === JOBS_MAX && isFirst;
  }

  /** By its id alone, because reading a job that is not JSON fails. False if another worker was faster. */
  async function promote(id: string): Promise<boolean> {
    try {
      await new Job(queue, VIEWS_JOB, undefined, {}, id).promote();
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && Number(error.code) < 0) return false;
      throw error;
    }
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
