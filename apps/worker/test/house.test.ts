import { recordViews } from "@model-views/db/views/record-views.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { connectFailingFast, connectWaiting, settled } from "@model-views/shared/redis.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect } from "vitest";
import { HOUSE_QUEUE, type HouseTask, keepHouse } from "../src/house.ts";

const logger = createLogger({ service: "test", level: "silent" });

type Keep = (
  tasks: Record<string, HouseTask>,
  mayRun?: () => boolean,
) => { did: string[]; errors: string[]; stop: () => Promise<void> };

const test = base.extend<{ queue: Queue; keep: Keep }>({
  queue: async ({ redis }, use) => {
    const queue = new Queue(HOUSE_QUEUE.name, { connection: redis, prefix: HOUSE_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
  keep: async ({ redisUrl, queue: _ }, use) => {
    const closing: (() => Promise<unknown>)[] = [];
    await use((tasks, mayRun = () => true) => {
      const redis = connectFailingFast(redisUrl, logger);
      const workerRedis = connectWaiting(redisUrl, logger);
      const [did, errors]: [string[], string[]] = [[], []];
      const started = settled(redis).then(() =>
        keepHouse({
          redis,
          workerRedis,
          tasks,
          mayRun,
          onDone: (task, what) => did.push(`${task}: ${what}`),
          onError: (error, message) => errors.push(`${message}: ${error}`),
        }),
      );
      const stop = async () => {
        if (workerRedis.status === "end") return;
        await (await started)();
        redis.disconnect();
        workerRedis.disconnect();
      };
      closing.push(stop);
      return { did, errors, stop };
    });
    await Promise.all(closing.map((close) => close()));
  },
});

test("a model that is made later takes back its rejected views by itself", async ({
  db,
  start,
  redisUrl,
}) => {
  const view = aView();
  await recordViews(db.$client, [view]);
  const worker = await start("worker", { REDIS_URL: redisUrl });
  await aModel(db, { id: view.modelId });
  const stored = async () => (await db.$client.query("select id from model_views")).rows;
  await expect.poll(stored, { timeout: 20_000 }).toEqual([{ id: view.id }]);
  expect(worker.logged.filter((line) => line.includes("took back 1 rejected views"))).toHaveLength(1);
});

describe("keepHouse", () => {
  test("runs a task once a time, however many workers keep the house", async ({ queue, keep }) => {
    let running = 0;
    let atOnce = 0;
    const sweep: HouseTask = {
      when: { every: 100 },
      async run() {
        running += 1;
        atOnce = Math.max(atOnce, running);
        await queue.getJobCounts();
        running -= 1;
        return "swept";
      },
    };
    const keepers = [keep({ sweep }), keep({ sweep }), keep({ sweep })];
    await expect.poll(() => keepers.flatMap(({ did }) => did).length, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(atOnce).toBe(1);
    expect(await queue.getJobSchedulersCount()).toBe(1);
    const { waiting = 0, delayed = 0, active = 0 } = await queue.getJobCounts("waiting", "delayed", "active");
    expect(waiting + delayed + active).toBeLessThanOrEqual(2);
  });

  test("tells of a task that failed, and runs it the next time", async ({ keep }) => {
    let times = 0;
    const { did, errors } = keep({
      sweep: {
        when: { every: 100 },
        async run() {
          times += 1;
          if (times === 1) throw new Error("no broom");
          return "swept";
        },
      },
    });
    await expect.poll(() => did, { timeout: 10_000 }).toContain("sweep: swept");
    expect(errors).toEqual(["sweep failed, and is tried again: Error: no broom"]);
  });

  test("does not tell a schedule again that is there: the job that is due now would be dropped", async ({
    queue,
    keep,
  }) => {
    const yearly: HouseTask = { when: { pattern: "0 0 1 1 *", tz: "UTC" }, run: async () => "swept" };
    const made = async () => (await queue.getDelayed()).map(({ name, timestamp }) => `${name} ${timestamp}`);
    const first = keep({ yearly });
    await expect.poll(made).toHaveLength(1);
    const before = await made();
    await first.stop();
    keep({ yearly, other: yearly });
    await expect.poll(made).toHaveLength(2);
    expect(await made()).toEqual(expect.arrayContaining(before));
  });

  test("does nothing while it may not, and tries again", async ({ queue, keep }) => {
    let mayRun = false;
    const yearly: HouseTask = { when: { pattern: "0 0 1 1 *", tz: "UTC" }, run: async () => "swept" };
    const { did, errors } = keep({ yearly }, () => mayRun);
    await expect.poll(() => queue.getDelayedCount()).toBe(1);
    await (await queue.getDelayed())[0]?.promote();
    // This year's, which is tried again in a minute, and next year's.
    await expect.poll(() => queue.getDelayedCount()).toBe(2);
    expect([did, errors]).toEqual([[], []]);
    mayRun = true;
    const [again] = (await queue.getDelayed()).filter(({ attemptsMade }) => attemptsMade === 1);
    await again?.promote();
    await expect.poll(() => did).toEqual(["yearly: swept"]);
  });

  test("rests while Redis refuses commands", async ({ queue, keep, redisUrl }) => {
    const admin = new Redis(redisUrl);
    const sweep: HouseTask = { when: { every: 100 }, run: async () => "swept" };
    const first = keep({ sweep });
    await expect.poll(() => first.did.length).toBeGreaterThan(0);
    await first.stop();
    await admin.call("ACL", "SETUSER", "default", "-evalsha", "-eval");
    const { errors } = keep({ sweep });
    const refusals = () => errors.filter((each) => each.includes("NOPERM")).length;
    await expect.poll(refusals).toBeGreaterThan(2);
    const before = refusals();
    await expect.poll(refusals).toBeGreaterThan(before);
    expect(refusals()).toBeLessThan(before + 20);
    await admin.call("ACL", "SETUSER", "default", "+evalsha", "+eval");
    admin.disconnect();
    expect(await queue.getJobSchedulersCount()).toBe(1);
  });
});
