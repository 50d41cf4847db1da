import { accounting } from "@model-views/db/pipeline/accounting.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import { VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { ACCOUNTS_KEY, readAccounts, writeOff } from "@model-views/shared/queue/accounts.ts";
import { enqueueAsNewJob, openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { openFailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { test as base, type Fixtures } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const test = base.extend<{ accounts: () => Promise<Accounting> }>({
  accounts: ({ db, redis }, use) => use(() => accounting(asking(db.$client), () => readAccounts(redis))),
});

const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;
const BALANCED = { lost: 0, surplus: 0 };

async function postViews(url: string, modelId: string, number: number): Promise<void> {
  await Promise.all(
    Array.from({ length: number }, async () => {
      const headers = {
        "content-type": "application/json",
        "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
      };
      const response = await fetch(`${url}/v1/views`, {
        method: "POST",
        headers,
        body: JSON.stringify({ modelId }),
      });
      expect(response.status).toBe(202);
    }),
  );
}

/** Puts views on the queue, in batches of two; no worker runs. */
async function queued({ db, redis }: Pick<Fixtures, "db" | "redis">, number: number, modelId?: string) {
  const queue = openViewsQueue(redis);
  const id = modelId ?? (await aModel(db));
  for (let views = 0; views < number; views += 2) {
    await enqueueAsNewJob(queue.enqueue, [aView({ modelId: id }), aView({ modelId: id })]);
  }
  await queue.close();
}

describe("what is queued is recorded or on the queue", () => {
  test("from the first view to the last, while workers are killed, and after every process was started anew", async ({
    start,
    db,
    accounts,
  }) => {
    const ingest = await start("ingest");
    const modelId = await aModel(db);
    await postViews(ingest.url, modelId, 300);
    // On a busy machine ingest may queue a batch again, because it has waited too long for an answer: its views are duplicates.
    await expect.poll(async () => (await accounts()).queued).toBeGreaterThanOrEqual(300);
    expect(await accounts()).toMatchObject({ inserted: 0, duplicates: 0, ...BALANCED });
    let worker = await start("worker", { JOBS_IN_FLIGHT_MAX: "2", INSERT_VIEWS_MAX: "5" });
    for (let kill = 0; kill < 3; kill += 1) {
      await postViews(ingest.url, modelId, 50);
      await worker.kill("SIGKILL");
      expect(await accounts()).toMatchObject(BALANCED);
      worker = await start("worker", { JOBS_IN_FLIGHT_MAX: "2", INSERT_VIEWS_MAX: "5" });
    }
    const stored = async () => (await db.$client.query("select from model_views")).rowCount;
    await expect.poll(stored, { timeout: 30_000 }).toBe(450);
    await ingest.kill("SIGKILL");
    await expect.poll(accounts, { timeout: 30_000 }).toMatchObject({ waiting: 0, active: 0 });
    const { queued, inserted, duplicates, ...rest } = await accounts();
    expect(rest).toMatchObject({ rejected: 0, failed: 0, ...BALANCED });
    // A view that was recorded by a worker that was killed before it could say so may be counted as a duplicate.
    expect(inserted + duplicates).toBe(queued);
  });

  test("when a model does not exist, or a job is no payload", async ({ start, db, redis, accounts }) => {
    await queued({ db, redis }, 2);
    await queued({ db, redis }, 4, "0190aaaa-0000-7000-8000-000000000001");
    const [id = ""] = await redis.lrange(keyOf("wait"), 0, 0);
    await redis.hset(keyOf(id), "data", "{}");
    await start("worker");
    const failed = Number(await viewsOf(redis, id));
    await expect
      .poll(accounts)
      .toMatchObject({ queued: 6, inserted: 2, rejected: 4 - failed, failed, ...BALANCED });
    const jobs = openFailedJobs(redis);
    expect(await jobs.remove(id)).toBe(true);
    expect(await accounts()).toMatchObject({ failed: 0, removed: failed, ...BALANCED });
    await jobs.close();
  });
});

test("a job that a worker runs is not removed, and stays counted", async ({ db, redis, accounts }) => {
  await queued({ db, redis }, 4);
  const [id = ""] = await redis.lrange(keyOf("wait"), -1, -1);
  await redis.rpoplpush(keyOf("wait"), keyOf("active"));
  await redis.set(`${keyOf(id)}:lock`, "a worker");
  const jobs = openFailedJobs(redis);
  expect(await jobs.remove(id)).toBe(false);
  expect(await accounts()).toMatchObject({ queued: 4, removed: 0, waiting: 2, active: 2, ...BALANCED });
  await jobs.close();
});

const viewsOf = (redis: Fixtures["redis"], id: string) => redis.hget(keyOf(id), "accounted");

describe("a difference is seen", () => {
  test("when a job is gone that no worker recorded", async ({ db, redis, accounts }) => {
    await queued({ db, redis }, 20);
    const [id = ""] = await redis.lrange(keyOf("wait"), 0, 0);
    const views = Number(await viewsOf(redis, id));
    await redis.lrem(keyOf("wait"), 1, id);
    expect(await accounts()).toMatchObject({ lost: views, surplus: 0 });
    await writeOff(redis, views);
    expect(await accounts()).toMatchObject({ writtenOff: views, ...BALANCED });
  });

  test("when a recording is undone, or counted twice", async ({ start, db, redis, accounts }) => {
    await queued({ db, redis }, 20);
    await start("worker");
    await expect.poll(accounts).toMatchObject({ inserted: 20, waiting: 0, active: 0, ...BALANCED });
    await db.$client.query("update outcome_counts set views = views - 3, inserted = inserted - 3");
    expect(await accounts()).toMatchObject({ lost: 3, surplus: 0 });
    await db.$client.query("update outcome_counts set views = views + 7, inserted = inserted + 7");
    expect(await accounts()).toMatchObject({ lost: 0, surplus: 4 });
  });
});

test("a job that is delivered again after it was recorded is counted once", async ({
  start,
  db,
  redis,
  accounts,
}) => {
  await queued({ db, redis }, 10);
  const ids = await redis.lrange(keyOf("wait"), 0, -1);
  const kept = await Promise.all(ids.map((id) => redis.hgetall(keyOf(id))));
  await start("worker");
  await expect.poll(accounts).toMatchObject({ inserted: 10, waiting: 0, active: 0 });
  // As Redis has them again, when it was killed before it had written that they are completed.
  for (const [index, id] of ids.entries()) {
    await redis.hset(keyOf(id), kept[index] ?? {});
    await redis.lpush(keyOf("wait"), id);
  }
  await redis.zadd(keyOf("marker"), 0, "0");
  await expect.poll(() => redis.exists(...ids.map(keyOf))).toBe(0);
  expect(await accounts()).toMatchObject({ queued: 10, inserted: 10, duplicates: 0, ...BALANCED });
});

test("jobs of an ingest that has no accounts yet are recorded, and are in no account", async ({
  start,
  db,
  redis,
  accounts,
}) => {
  await queued({ db, redis }, 20);
  const ids = await redis.lrange(keyOf("wait"), 0, -1);
  let earlier = 0;
  for (const id of ids.filter((_, index) => index % 2 === 0)) {
    earlier += Number(await viewsOf(redis, id));
    const { account: _, ...opts } = JSON.parse((await redis.hget(keyOf(id), "opts")) ?? "{}") as {
      account: string;
    };
    await redis.hset(keyOf(id), "opts", JSON.stringify(opts));
    await redis.hdel(keyOf(id), "accounted");
  }
  await redis.hincrby(ACCOUNTS_KEY, "queued", -earlier);
  await start("worker");
  const stored = async () => (await db.$client.query("select from model_views")).rowCount;
  await expect.poll(stored).toBe(20);
  await expect.poll(accounts).toMatchObject({ waiting: 0, active: 0 });
  expect(await accounts()).toMatchObject({
    queued: 20 - earlier,
    inserted: 20 - earlier,
    duplicates: 0,
    ...BALANCED,
  });
});
