import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { describe, expect } from "vitest";
import { createUnknownModelLimit } from "../src/recording/unknown-model-limit.ts";

/** A room of 1,000, and how many rows a count would find. */
function aRoom() {
  const state = { now: 0, rows: 0, counts: 0 };
  const room = createUnknownModelLimit({
    viewsMax: 1_000,
    now: () => state.now,
    async count() {
      state.counts += 1;
      return state.rows;
    },
  });
  /** As if an INSERT had kept so many, and left out so many. */
  async function use(kept: number, leftOut = 0, afterMs = 0) {
    state.now += afterMs;
    room.used(kept, leftOut);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { room, state, use };
}

describe("createUnknownModelLimit", () => {
  test("gives what is left of all, and counts again when half of it was used: others use it as well", async () => {
    const { room, state, use } = aRoom();
    expect(room.current()).toEqual({ views: 1_000, bots: 500 });
    await use(1);
    expect(state.counts).toBe(1);
    await use(400, 0, 10_000);
    expect(room.current()).toEqual({ views: 600, bots: 100 });
    expect(state.counts).toBe(1);
    // Another worker has kept as many.
    state.rows = 900;
    await use(101, 0, 10_000);
    expect(state.counts).toBe(2);
    expect(room.current()).toEqual({ views: 100, bots: 0 });
  });

  test("is empty where there are as many rows as may be, and has room again when they went", async () => {
    const { room, state, use } = aRoom();
    state.rows = 1_040;
    await use(1);
    expect(room.current()).toEqual({ views: 0, bots: 0 });
    state.rows = 900;
    await use(0, 10, 1_000);
    expect(room.current()).toEqual({ views: 100, bots: 0 });
  });

  test("does not count in each INSERT of a flood, and once a minute where it is calm", async () => {
    const { state, use } = aRoom();
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
    const { state, use } = aRoom();
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
  const worker = await start("worker", { UNKNOWN_MODEL_VIEWS_MAX: "200" });
  const stored = aView({ modelId: await aModel(db) });
  for (let n = 0; n < 10; n += 1) {
    const views = [...Array.from({ length: 99 }, () => aView()), ...(n === 9 ? [stored] : [])];
    await queue.add(VIEWS_JOB, { v: 1, views }, VIEWS_JOB_OPTIONS);
  }
  await queue.close();
  const figures = async () => {
    const { rows } = await db.$client.query(
      `select (select count(*)::int from rejected_views) as kept, (select count(*)::int from model_views) as stored,
         (select sum(views)::int from unkept_views) as unkept`,
    );
    return rows[0];
  };
  await expect.poll(async () => (await figures()).stored).toBe(1);
  await expect.poll(async () => (await figures()).kept + (await figures()).unkept).toBe(990);
  // Two INSERTs at the same time may have had the same room.
  expect((await figures()).kept).toBeLessThanOrEqual(2 * 200);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain(`model_views_worker_views_total{result="unkept"} ${(await figures()).unkept}`);
  expect(worker.logged.filter((line) => line.includes("rejected")).length).toBe(1);
  const ready = await fetch(`${worker.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    checks: { unknownModels: expect.stringContaining("unkept_views") },
  });
});
