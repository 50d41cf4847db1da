import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { describe, expect } from "vitest";
import { createUnknownModelLimit } from "../src/recording/unknown-model-limit.ts";

/** A limit of 1,000, and the number of rows that a count finds. */
function startLimit() {
  const state = { now: 0, rows: 0, counts: 0 };
  const limit = createUnknownModelLimit({
    viewsMax: 1_000,
    now: () => state.now,
    async count() {
      state.counts += 1;
      return state.rows;
    },
  });
  /** Acts like an INSERT that stored and dropped this many. */
  async function use(stored: number, dropped = 0, afterMs = 0) {
    state.now += afterMs;
    limit.used(stored, dropped);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { limit, state, use };
}

describe("createUnknownModelLimit", () => {
  test("is what is left, and is counted again when half of it was used, because others use it too", async () => {
    const { limit, state, use } = startLimit();
    expect(limit.current()).toEqual({ views: 1_000, bots: 500 });
    await use(1);
    expect(state.counts).toBe(1);
    await use(400, 0, 10_000);
    expect(limit.current()).toEqual({ views: 600, bots: 100 });
    expect(state.counts).toBe(1);
    // Another worker has stored as many.
    state.rows = 900;
    await use(101, 0, 10_000);
    expect(state.counts).toBe(2);
    expect(limit.current()).toEqual({ views: 100, bots: 0 });
  });

  test("is 0 when there are as many rows as allowed, and is higher again when some are gone", async () => {
    const { limit, state, use } = startLimit();
    state.rows = 1_040;
    await use(1);
    expect(limit.current()).toEqual({ views: 0, bots: 0 });
    state.rows = 900;
    await use(0, 10, 1_000);
    expect(limit.current()).toEqual({ views: 100, bots: 0 });
  });

  test("does not count in each INSERT of a flood, and once a minute where it is calm", async () => {
    const { state, use } = startLimit();
    state.rows = 1_000;
    await use(1_000);
    for (let n = 0; n < 1_000; n += 1) await use(0, 10, 1);
    expect(state.counts).toBe(2);
    state.rows = 0;
    await use(0, 1, 1_000);
    for (let n = 0; n < 120; n += 1) await use(1, 0, 1_000);
    expect(state.counts).toBe(5);
  });

  test("does not count where nothing of the kind comes", async () => {
    const { state, use } = startLimit();
    await use(0, 0, 3_600_000);
    expect(state.counts).toBe(0);
  });
});

test("a flood of models that do not exist leaves as many rows as it may, is counted in full, and is a line of the log", async ({
  db,
  redis,
  start,
}) => {
  const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
  const worker = await start("worker", {
    UNKNOWN_MODEL_VIEWS_MAX: "200",
    REPORTING_TIME_ZONE: "Europe/Berlin",
  });
  const stored = aView({ modelId: await aModel(db) });
  for (let n = 0; n < 10; n += 1) {
    const views = [...Array.from({ length: 99 }, () => aView()), ...(n === 9 ? [stored] : [])];
    await queue.add(VIEWS_JOB, { v: 1, views }, VIEWS_JOB_OPTIONS);
  }
  await queue.close();
  const counts = async () => {
    const { rows } = await db.$client.query(
      `select (select count(*)::int from rejected_views) as kept, (select count(*)::int from model_views) as stored,
         (select sum(views)::int from unkept_views) as unkept`,
    );
    return rows[0];
  };
  await expect.poll(async () => (await counts()).stored).toBe(1);
  await expect.poll(async () => (await counts()).kept + (await counts()).unkept).toBe(990);
  // Two INSERTs at the same time may have seen the same count.
  expect((await counts()).kept).toBeLessThanOrEqual(2 * 200);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain(`model_views_worker_views_total{result="unkept"} ${(await counts()).unkept}`);
  expect(worker.logged.filter((line) => line.includes("rejected")).length).toBe(1);
  // An answer may be a second old.
  await expect
    .poll(async () => (await fetch(`${worker.url}/readyz`)).json())
    .toMatchObject({
      status: "ok",
      checks: {
        unknownModels: expect.stringContaining("unkept_views"),
        reportingZone:
          "days are those of UTC, and REPORTING_TIME_ZONE is Europe/Berlin: npm run reporting-zone -- Europe/Berlin changes them",
      },
    });
});
