import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";

test("a model that is made later gets its rejected views redriven by itself", async ({
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
  const lines = () => worker.logged.filter((line) => line.includes("redrove 1 rejected views"));
  await expect.poll(lines).toHaveLength(1);
});

test("a worker that is stopped in the middle of maintenance ends at once and well, and leaves no statement", async ({
  db,
  start,
}) => {
  const statements = async () =>
    (
      await db.$client.query(
        "select from pg_stat_activity where application_name like 'model-views worker%' and state <> 'idle'",
      )
    ).rowCount;
  const holder = await db.$client.connect();
  try {
    await holder.query("begin; lock table rejected_views in access exclusive mode");
    const worker = await start("worker");
    // It redrives rejected views, and would wait for a quarter of an hour.
    await expect.poll(statements).toBe(1);
    expect(await worker.kill("SIGTERM")).toBe(0);
    expect(await statements()).toBe(0);
    expect(worker.logged.filter((line) => /failed|"level":"(error|fatal)"/.test(line))).toEqual([]);
  } finally {
    await holder.query("rollback");
    holder.release();
  }
});
