import { VIEWS_JOB, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { redisTime } from "@model-views/shared/queue/redis-clock.ts";
import { Job, type Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Milliseconds between two looks. */
const LOOK_MS = 5_000;
/** Milliseconds for which a job is delayed at most, see record-jobs.ts, and as many again for clocks that differ a little. */
const AHEAD_MS_MAX = 10 * 60_000;
/** Milliseconds for which a job that is due may be left lying by workers whose clocks are behind. */
const OVERDUE_MS_MAX = 10_000;
/** Jobs of one look. */
const JOBS_MAX = 1_000;
/** How BullMQ keeps a time in the score of a delayed job. */
const SCORE_OF_MS = 0x1000;

export type WatchDelayedOptions = {
  /** Fails at once while Redis is away. */
  redis: Redis;
  queue: Queue;
  /** While it is false nobody takes jobs, so none is overdue. */
  canRecord: () => boolean;
  /** Told how many jobs were put back among those that wait, because a clock had put them off for too long. */
  onPromoted: (jobs: number) => void;
  onError: (error: unknown) => void;
};

/**
 * A job that is given back is due again by the clock of the worker that did so, and found to be due by the clock of the one
 * that looks. Where a clock is wrong it could wait for hours. So what Redis' clock finds implausible is promoted. At first
 * all are: a worker of a newer version has come for those that older ones have left to it, maybe.
 *
 * Returns how to stop.
 */
export function watchDelayed(options: WatchDelayedOptions): () => void {
  const { redis, queue, canRecord, onPromoted, onError } = options;
  const key = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:delayed`;
  let isFirst = true;
  let timer = setTimeout(begin, 0);
  let stopped = false;

  function begin(): void {
    look()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(begin, LOOK_MS);
      });
  }

  async function look(): Promise<void> {
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

  /** By its id alone: reading it would fail where it is no JSON. False for one that another worker has promoted or taken meanwhile. */
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
