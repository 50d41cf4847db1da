import { randomUUID } from "node:crypto";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** Milliseconds between two looks. */
const LOOK_MS = 2_000;
/** Keys that are asked for at once. */
const SCAN_COUNT = 1_000;
/** Milliseconds for which one worker looks alone. */
const ALONE_MS = 60_000;

const KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;
const ALONE_KEY = `${VIEWS_QUEUE.prefix}:stranded-jobs`;
/** A key of the queue that is a hash as well, and no job. */
const META = "meta";
const LISTS = ["waiting", "active", "delayed", "prioritized", "failed", "completed"] as const;

/** As BullMQ adds a job; nothing where the job is gone by now, and of what is left of one that has no data. */
const PUT_BACK = `
if redis.call("hexists", KEYS[1], "data") == 0 then return 0 end
redis.call("lpush", KEYS[2], ARGV[1])
redis.call("zadd", KEYS[3], 0, "0")
return 1`;

/** Is it Redis' answer to a script that it stopped in the middle, because its user lacks a right? What the script did stays done. */
export function isStoppedScript(error: unknown): boolean {
  return error instanceof Error && /executing the script can't (run|access)/.test(error.message);
}

export type WatchStrandedOptions = {
  /** Fails at once while Redis is away. */
  redis: Redis;
  queue: Queue;
  /** Told how many jobs were put back among those that wait. */
  onPutBack: (jobs: number) => void;
  onError: (error: unknown) => void;
};

export type StrandedJobs = {
  /** A script was stopped: jobs may be on no list since. */
  suspect(): void;
  stop(): void;
};

/**
 * A script of BullMQ that Redis stops in the middle may have taken jobs off one list and not put them on the next, up to a
 * thousand at once. Their data stays in Redis, but no worker would ever find them. So they are looked for, and put back: once
 * at the start, for workers that are gone, and whenever a script was stopped. One that was recorded all the same adds nothing.
 *
 * Reads the names of all keys, and of all jobs.
 */
export function watchStranded({ redis, queue, onPutBack, onError }: WatchStrandedOptions): StrandedJobs {
  let isSuspected = true;
  let stopped = false;
  let timer = setTimeout(begin, 0);

  function begin(): void {
    (isSuspected ? look() : Promise.resolve()).catch(onError).finally(() => {
      if (!stopped) timer = setTimeout(begin, LOOK_MS);
    });
  }

  async function look(): Promise<void> {
    const token = randomUUID();
    if ((await redis.set(ALONE_KEY, token, "PX", ALONE_MS, "NX")) === null) return;
    isSuspected = false;
    try {
      const jobs = await putBackStranded(redis, queue);
      if (jobs > 0) onPutBack(jobs);
    } catch (error) {
      isSuspected = true;
      throw error;
    } finally {
      if ((await redis.get(ALONE_KEY)) === token) await redis.del(ALONE_KEY);
    }
  }

  return {
    suspect() {
      isSuspected = true;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Returns how many there were. */
async function putBackStranded(redis: Redis, queue: Queue): Promise<number> {
  const ids = await idsOfJobs(redis);
  const listed = new Set(await queue.getRanges([...LISTS], 0, -1));
  let jobs = 0;
  for (const id of ids) {
    // One that was on its way when the lists were read is on one of them now.
    if (listed.has(id) || (await queue.getJobState(id)) !== "unknown") continue;
    jobs += Number(await redis.eval(PUT_BACK, 3, `${KEY}:${id}`, `${KEY}:wait`, `${KEY}:marker`, id));
  }
  return jobs;
}

async function idsOfJobs(redis: Redis): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", `${KEY}:*`, "COUNT", SCAN_COUNT, "TYPE", "hash");
    for (const key of keys) ids.add(key.slice(KEY.length + 1));
    cursor = next;
  } while (cursor !== "0");
  ids.delete(META);
  return ids;
}
