import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { test as base } from "@model-views/testing/own-redis.ts";
import { aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { expect } from "vitest";
import { isStoppedScript, type StrandedJobs, watchStranded } from "../src/queue/stranded-jobs.ts";

const KEY = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;

type Watched = { stranded: StrandedJobs; putBack: number[]; errors: string[] };

const test = base.extend<{ redis: Redis; queue: Queue; watch: () => Watched }>({
  redis: async ({ ownRedis }, use) => use(ownRedis.client()),
  queue: async ({ redis }, use) => {
    const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
  watch: async ({ redis, queue }, use) => {
    const watched: Watched[] = [];
    await use(() => {
      const [putBack, errors]: [number[], string[]] = [[], []];
      const stranded = watchStranded({
        redis,
        queue,
        onPutBack: (jobs) => putBack.push(jobs),
        onError: (error) => errors.push(String(error)),
      });
      const found = { stranded, putBack, errors };
      watched.push(found);
      return found;
    });
    for (const { stranded } of watched) stranded.stop();
  },
});

/** Jobs that a script takes off the list of delayed ones, and cannot put on the next. */
async function strand(redis: Redis, queue: Queue, jobs: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < jobs; n += 1) {
    const data = { v: 1, views: [aView()] };
    const job = await queue.add(VIEWS_JOB, data, { ...VIEWS_JOB_OPTIONS, delay: 60_000 });
    ids.push(job.id ?? "");
  }
  await redis.acl("SETUSER", "default", "-lpush");
  for (const id of ids) {
    const job = await queue.getJob(id);
    const error = await job?.promote().catch((reason: unknown) => reason);
    expect(isStoppedScript(error), String(error)).toBe(true);
    expect(await queue.getJobState(id)).toBe("unknown");
  }
  await redis.acl("SETUSER", "default", "+lpush");
  return ids;
}

test("jobs that Redis has left on no list are put back, by one of all workers", async ({
  redis,
  queue,
  watch,
}) => {
  const listed = await queue.add(VIEWS_JOB, { v: 1, views: [aView()] }, VIEWS_JOB_OPTIONS);
  const ids = await strand(redis, queue, 3);
  await redis.hset(`${KEY}:left of a job`, "stc", 1);
  const workers = [watch(), watch()];
  await expect.poll(() => workers.flatMap(({ putBack }) => putBack)).toEqual([3]);
  expect((await redis.lrange(`${KEY}:wait`, 0, -1)).sort()).toEqual([listed.id, ...ids].sort());
  expect(await redis.zscore(`${KEY}:marker`, "0")).toBe("0");
  expect(workers.flatMap(({ errors }) => errors)).toEqual([]);
});

test("a worker that runs looks again when a script was stopped, until it may", async ({
  redis,
  queue,
  watch,
}) => {
  const before = await strand(redis, queue, 1);
  const { stranded, putBack, errors } = watch();
  await expect.poll(() => putBack).toEqual([1]);
  const ids = await strand(redis, queue, 1);
  await redis.acl("SETUSER", "default", "-scan");
  stranded.suspect();
  await expect.poll(() => errors).toEqual([expect.stringContaining("'scan'")]);
  await redis.acl("SETUSER", "default", "+scan");
  await expect.poll(() => putBack).toEqual([1, 1]);
  expect(await redis.lrange(`${KEY}:wait`, 0, -1)).toEqual([...ids, ...before]);
});
