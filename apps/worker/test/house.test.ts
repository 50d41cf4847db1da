import { recordViews } from "@model-views/db/views/record-views.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { connectFailingFast, connectWaiting, settled } from "@model-views/shared/redis.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { describe, expect } from "vitest";
import { HOUSE_QUEUE, type HouseTask, keepHouse } from "../src/house.ts";

const logger = createLogger({ service: "test", level: "silent" });

type Keep = (tasks: Record<string, HouseTask>) => { did: string[]; errors: string[] };

const test = base.extend<{ queue: Queue; keep: Keep }>({
  queue: async ({ redis }, use) => {
    const queue = new Queue(HOUSE_QUEUE.name, { connection: redis, prefix: HOUSE_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
  keep: async ({ redisUrl, queue: _ }, use) => {
    const closing: (() => Promise<unknown>)[] = [];
    await use((tasks) => {
      const redis = connectFailingFast(redisUrl, logger);
      const workerRedis = connectWaiting(redisUrl, logger);
      const [did, errors]: [string[], string[]] = [[], []];
      let stop = async () => {};
      const started = settled(redis).then(() => {
        stop = keepHouse({
          redis,
          workerRedis,
          tasks,
          onDone: (task, what) => did.push(`${task}: ${what}`),
          onError: (error, message) => errors.push(`${message}: ${error}`),
        });
      });
      closing.push(async () => {
        await started;
        await stop();
        redis.disconnect();
        workerRedis.disconnect();
      });
      return { did, errors };
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
    expect(errors).toEqual(["sweep failed, and is done the next time: Error: no broom"]);
  });
});
