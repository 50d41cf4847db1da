import { randomUUID } from "node:crypto";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { connectWaiting } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { Job, Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, vi } from "vitest";
import { jobsWaiting } from "../src/queue/queue-status.ts";
import type { InFlightLimits } from "../src/recording/in-flight.ts";
import { newerRetryMs, type RecordingJobs, recordJobs } from "../src/recording/record-jobs.ts";

const logger = createLogger({ service: "test", level: "silent" });

type Work = (
  record: (views: ViewEvent[]) => Promise<void>,
  canRecord?: () => boolean,
  limits?: Partial<InFlightLimits>,
) => { errors: string[]; jobs: RecordingJobs };

const test = base.extend<{ user: string; queue: Queue; work: Work }>({
  /** The worker's user in Redis, and its password: other tests use the same Redis as the default user. */
  user: async ({ redis }, use) => {
    const name = `worker-${randomUUID()}`;
    await redis.call("ACL", "SETUSER", name, "on", `>${name}`, "~*", "&*", "+@all");
    await use(name);
    await redis.call("ACL", "DELUSER", name);
  },
  queue: async ({ redis }, use) => {
    const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
  work: async ({ redisUrl, user, queue: _ }, use) => {
    const url = new URL(redisUrl);
    [url.username, url.password] = [user, user];
    const closing: (() => Promise<void>)[] = [];
    await use((record, canRecord = () => true, limits = {}) => {
      const redis = connectWaiting(url.href, logger);
      const errors: string[] = [];
      const jobs = recordJobs({
        redis,
        inFlight: { viewsMax: 5_000, jobsMax: 10, ...limits },
        record: ({ views }) => record(views),
        onRecorded: () => {},
        canRecord,
        onUnrecorded: (error) => errors.push(String(error)),
        onFailed: (_id, reason) => errors.push(reason),
        onError: (_error, message) => errors.push(message),
      });
      closing.push(async () => {
        await jobs.close();
        redis.disconnect();
      });
      return { errors, jobs };
    });
    await Promise.all(closing.map((close) => close()));
  },
});

const add = (queue: Queue, views: unknown[], v = 1) => queue.add(VIEWS_JOB, { v, views }, VIEWS_JOB_OPTIONS);
const counts = (queue: Queue) => queue.getJobCounts("waiting", "active", "delayed", "failed", "completed");
const none = { waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0 };

describe("recordJobs", () => {
  test("completes a job only after its views are committed, and removes it then", async ({ queue, work }) => {
    const commit = Promise.withResolvers<void>();
    const views = [aView(), aView()];
    const recorded: ViewEvent[][] = [];
    work((given) => {
      recorded.push(given);
      return commit.promise;
    });
    await add(queue, views);
    await expect.poll(() => recorded).toEqual([views]);
    expect(await counts(queue)).toEqual({ ...none, active: 1 });
    commit.resolve();
    await expect.poll(() => counts(queue)).toEqual(none);
  });

  test("gives a batch that could not be recorded back to the queue, with no attempt burned, until it can", async ({
    queue,
    work,
  }) => {
    let tries = 0;
    const { errors } = work(async () => {
      tries += 1;
      if (tries < 3) throw new Error("PostgreSQL is away");
    });
    const job = await add(queue, [aView()]);
    await expect.poll(() => counts(queue)).toEqual({ ...none, delayed: 1 });
    const waiting = await queue.getJob(job.id ?? "");
    expect(waiting?.attemptsMade).toBe(0);
    await expect.poll(() => counts(queue), { timeout: 10_000 }).toEqual(none);
    expect(tries).toBe(3);
    expect(errors).toEqual(Array(2).fill("Error: PostgreSQL is away"));
  });

  test("tries again when not even giving the batch back works", async ({ queue, work }) => {
    let tries = 0;
    work(async () => {
      tries += 1;
      if (tries > 1) return;
      // Redis refuses only this command.
      vi.spyOn(Job.prototype, "moveToDelayed").mockRejectedValueOnce(new Error("NOREPLICAS"));
      throw new Error("PostgreSQL is away");
    });
    await add(queue, [aView()]);
    await expect.poll(() => tries, { timeout: 8_000 }).toBe(2);
    await expect.poll(() => counts(queue)).toEqual(none);
  });

  test("rests while Redis refuses commands, and goes on by itself", async ({ queue, work, redis, user }) => {
    const recorded: ViewEvent[][] = [];
    const { errors } = work(async (given) => void recorded.push(given));
    await add(queue, [aView()]);
    await expect.poll(() => recorded).toHaveLength(1);
    await redis.call("ACL", "SETUSER", user, "-evalsha", "-eval");
    await expect.poll(() => errors.length, { timeout: 12_000 }).toBeGreaterThan(0);
    const before = errors.length;
    await expect.poll(() => errors.length, { timeout: 12_000 }).toBeGreaterThan(before);
    expect(errors.length).toBeLessThan(before + 20);
    await redis.call("ACL", "SETUSER", user, "+evalsha", "+eval");
    await add(queue, [aView()]);
    await expect.poll(() => recorded, { timeout: 12_000 }).toHaveLength(2);
    expect(await redis.ping()).toBe("PONG");
  });

  test.for([
    ["a version that never was", 0, [aView()]],
    ["a view that is none", 1, [{ id: "x" }]],
    ["no views", 1, []],
  ] as const)(
    "keeps a job with %s as failed, and goes on with the others",
    async ([, version, views], { queue, work }) => {
      const recorded: ViewEvent[][] = [];
      const { errors } = work(async (given) => void recorded.push(given));
      await add(queue, [...views], version);
      const good = [aView()];
      await add(queue, good);
      await expect.poll(() => counts(queue)).toEqual({ ...none, failed: 1 });
      expect(recorded).toEqual([good]);
      await expect.poll(() => errors).toHaveLength(1);
    },
  );

  test("counts what it has in hand and has done; what an operator has paused is nothing that waits", async ({
    queue,
    work,
  }) => {
    const commit = Promise.withResolvers<void>();
    const { jobs } = work(() => commit.promise);
    await add(queue, [aView()]);
    await expect.poll(() => jobs.state()).toEqual({ running: 1, done: 0 });
    commit.resolve();
    await expect.poll(() => jobs.state()).toEqual({ running: 0, done: 1 });
    await queue.pause();
    await add(queue, [aView()]);
    expect(await jobsWaiting(queue)).toBe(0);
    await queue.resume();
    await expect.poll(() => jobs.state()).toEqual({ running: 0, done: 2 });
  });

  test("gives back for a second by Redis' clock, even if its own is wrong", async ({ queue, work }) => {
    const rightNow = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(rightNow + 3_600_000);
    const given = vi.spyOn(Job.prototype, "moveToDelayed");
    onTestFinished(() => void vi.restoreAllMocks());
    let tries = 0;
    work(async () => {
      tries += 1;
      if (tries === 1) throw new Error("PostgreSQL is away");
    });
    await add(queue, [aView()]);
    await expect.poll(() => given.mock.calls).toHaveLength(1);
    const [[due = 0] = []] = given.mock.calls;
    expect(Math.abs(due - rightNow)).toBeLessThan(60_000);
  });

  test("keeps a job that is no JSON as failed, as it is, and reports it once", async ({
    queue,
    work,
    redis,
  }) => {
    const key = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;
    await redis.hset(`${key}:garbage`, { name: VIEWS_JOB, data: "{no JSON", timestamp: "1" });
    await redis.lpush(`${key}:wait`, "garbage");
    await redis.zadd(`${key}:marker`, 0, "0");
    const recorded: ViewEvent[][] = [];
    const { errors } = work(async (given) => void recorded.push(given));
    await expect.poll(() => counts(queue)).toEqual({ ...none, failed: 1 });
    const good = [aView()];
    await add(queue, good);
    await expect.poll(() => counts(queue)).toEqual({ ...none, failed: 1 });
    expect(recorded).toEqual([good]);
    expect(errors).toEqual([expect.stringMatching(/^not a payload of this version/)]);
    expect(await redis.hget(`${key}:garbage`, "data")).toBe("{no JSON");
  });

  test("records a job whose options are no JSON, and reports it once", async ({ queue, work, redis }) => {
    const key = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`;
    const views = [aView()];
    const job = await queue.add(VIEWS_JOB, { v: 1, views }, { ...VIEWS_JOB_OPTIONS, delay: 600_000 });
    await redis.hset(`${key}:${job.id}`, { opts: "{no JSON", progress: "none" });
    await redis.zadd(`${key}:delayed`, 0, job.id ?? "");
    await redis.zadd(`${key}:marker`, 0, "0");
    const recorded: ViewEvent[][] = [];
    const { errors } = work(async (given) => void recorded.push(given));
    await expect.poll(() => recorded).toEqual([views]);
    await expect.poll(() => counts(queue)).toEqual(none);
    expect(errors).toEqual(["the queue reports an error", `job ${job.id} was no JSON`]);
  });

  test("mends many jobs whose options are no JSON in one pass at a time", async ({ queue, work, redis }) => {
    const views = [aView()];
    const job = { name: VIEWS_JOB, data: { v: 1, views }, opts: { ...VIEWS_JOB_OPTIONS, delay: 600_000 } };
    const ids = (await queue.addBulk(Array.from({ length: 60 }, () => job))).map(({ id }) => id ?? "");
    for (const id of ids) {
      await redis.hset(queue.toKey(id), "opts", "{no JSON");
      await redis.zadd(queue.toKey("delayed"), 0, id);
    }
    await redis.zadd(queue.toKey("marker"), 0, "0");
    let [passes, passesMax] = [0, 0];
    const read = Redis.prototype.lrange;
    const manyFound = Promise.withResolvers<void>();
    vi.spyOn(Redis.prototype, "lrange").mockImplementation(async function (this: Redis, ...given) {
      passes += 1;
      passesMax = Math.max(passesMax, passes);
      await manyFound.promise;
      const found = await Reflect.apply(read, this, given);
      passes -= 1;
      return found;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const { errors } = work(async () => {});
    await expect.poll(() => errors.length).toBeGreaterThan(20);
    manyFound.resolve();
    const mended = () => new Set(errors.filter((error) => error.endsWith("was no JSON")));
    await expect.poll(mended).toEqual(new Set(ids.map((id) => `job ${id} was no JSON`)));
    expect(passesMax).toBe(1);
  });

  test.for([
    ["small jobs until there are enough views", 4, 300, 200],
    ["large jobs no longer than there are too many views", 100, 40, 10],
  ] as const)("takes %s", async ([, viewsOfJob, jobs, expected], { queue, work }) => {
    const commit = Promise.withResolvers<void>();
    const { jobs: recording } = work(() => commit.promise, undefined, { viewsMax: 1_000, jobsMax: 1_000 });
    const views = Array.from({ length: viewsOfJob }, () => aView());
    await queue.addBulk(
      Array.from({ length: jobs }, () => ({
        name: VIEWS_JOB,
        data: { v: 1, views },
        opts: VIEWS_JOB_OPTIONS,
      })),
    );
    try {
      await expect.poll(() => recording.state().running).toBe(expected);
      expect((await counts(queue))["active"]).toBe(expected);
    } finally {
      commit.resolve();
    }
    await expect.poll(() => counts(queue)).toEqual(none);
  });

  test("replaces each job that ends in the same call to Redis, also where many end at once", async ({
    queue,
    work,
  }) => {
    const completed = vi.spyOn(Job.prototype, "moveToCompleted");
    onTestFinished(() => void vi.restoreAllMocks());
    const commit = Promise.withResolvers<void>();
    const { jobs } = work(() => commit.promise, undefined, { viewsMax: 400, jobsMax: 1_000 });
    const small = { name: VIEWS_JOB, data: { v: 1, views: [aView()] }, opts: VIEWS_JOB_OPTIONS };
    await queue.addBulk(Array.from({ length: 400 }, () => small));
    await expect.poll(() => jobs.state().running).toBe(200);
    commit.resolve();
    await expect.poll(() => counts(queue)).toEqual(none);
    const replaced = completed.mock.calls.filter(([, , fetchNext]) => fetchNext);
    expect(replaced.length).toBeGreaterThan(390);
  });

  test("looks at jobs of a later version less and less often, however many there are", async ({
    queue,
    work,
    redis,
  }) => {
    const later = { name: VIEWS_JOB, data: { v: 2, views: [] }, opts: VIEWS_JOB_OPTIONS };
    await queue.addBulk(Array.from({ length: 200 }, () => later));
    const recorded: ViewEvent[][] = [];
    work(async (given) => void recorded.push(given));
    const key = `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:delayed`;
    const dueIn = async () => {
      const ids = await redis.zrangebyscore(key, 0, "+inf");
      const scores = await Promise.all(ids.map((id) => redis.zscore(key, id)));
      return scores.map((score) => Number(score) / 0x1000 - Date.now());
    };
    // At the fourth attempt they wait for 4 to 8 s each.
    await expect.poll(async () => Math.max(...(await dueIn())), { timeout: 30_000 }).toBeGreaterThan(6_000);
    expect(new Set((await dueIn()).map((ms) => Math.round(ms / 100))).size).toBeGreaterThan(10);
    const good = [aView()];
    await add(queue, good);
    await expect.poll(() => recorded).toEqual([good]);
  });

  test("looks at a job of a later version every 4 minutes at least, however long it has waited", () => {
    for (const attemptsStarted of [1, 7, 8, 9, 100, 10_000]) {
      for (let i = 0; i < 50; i += 1) {
        const ms = newerRetryMs({ attemptsStarted });
        expect(ms).toBeLessThanOrEqual(4 * 60_000);
        expect(ms).toBeGreaterThanOrEqual(attemptsStarted === 1 ? 1_000 : 2 * 30_000);
      }
    }
  });

  test("leaves a job of a later version to a newer worker", async ({ queue, work }) => {
    const { errors } = work(async () => {});
    const job = await add(queue, [aView()], 2);
    await expect.poll(() => counts(queue)).toEqual({ ...none, delayed: 1 });
    expect((await queue.getJob(job.id ?? ""))?.attemptsMade).toBe(0);
    expect(errors).toEqual([]);
  });

  test("records the views beside one that is none, and keeps the job with the reason", async ({
    queue,
    work,
  }) => {
    const recorded: ViewEvent[][] = [];
    work(async (given) => void recorded.push(given));
    const [first, last] = [aView(), aView()];
    const job = await add(queue, [first, { ...aView(), modelId: "no id" }, last]);
    await expect.poll(() => counts(queue)).toEqual({ ...none, failed: 1 });
    expect(recorded).toEqual([[first, last]]);
    const failed = await queue.getJob(job.id ?? "");
    expect(failed?.failedReason).toMatch(/view 1: modelId/);
    // Stacks would fill Redis.
    expect(failed?.stacktrace).toEqual([]);
    expect(failed?.data.views).toHaveLength(3);
  });

  test("gives back the job that it was waiting for when recording had no sense any more", async ({
    queue,
    work,
  }) => {
    const recorded: ViewEvent[][] = [];
    let canRecord = false;
    const { jobs, errors } = work(
      async (given) => void recorded.push(given),
      () => canRecord,
    );
    const job = await add(queue, [aView()]);
    await expect.poll(() => counts(queue)).toEqual({ ...none, delayed: 1 });
    expect((await queue.getJob(job.id ?? ""))?.attemptsMade).toBe(0);
    jobs.pause();
    canRecord = true;
    jobs.resume();
    await expect.poll(() => counts(queue), { timeout: 5_000 }).toEqual(none);
    expect(recorded).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("does the job of workers that were killed, however many", async ({ queue, work, redis }) => {
    // An active job without a lock: what a kill -9 leaves when the lock expires.
    const job = await add(queue, [aView()]);
    await redis.hset(`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${job.id}`, "stc", "99");
    await redis.lrem(`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:wait`, 1, job.id ?? "");
    await redis.lpush(`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:active`, job.id ?? "");
    const recorded: ViewEvent[][] = [];
    work(async (given) => void recorded.push(given));
    await expect.poll(() => recorded, { timeout: 8_000 }).toHaveLength(1);
    await expect.poll(() => counts(queue)).toEqual(none);
  });
});
