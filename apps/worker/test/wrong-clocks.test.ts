import { randomUUID } from "node:crypto";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { wrongClock } from "@model-views/testing/faketime.ts";
import { test as base } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { expect } from "vitest";
import { maintenanceKey } from "../src/maintenance/schedule.ts";

const test = base.extend<{ queue: Queue }>({
  queue: async ({ redis }, use) => {
    const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
});

test("a worker whose clock is far ahead deletes nothing, stores what comes, and reports why", async ({
  db,
  start,
  redis,
  queue,
  folder,
  skip,
}) => {
  const clock = await wrongClock({ folder, offset: "+105d" }, skip);
  const modelId = await aModel(db);
  await recordViews(db.$client, [aView({ modelId }), aView()]);
  await db.$client.query("update rejected_views set rejected_at = now() - interval '10 days'");
  // Due at once, as after a night without a worker.
  for (const task of ["retention", "purge-rejected"]) await redis.set(maintenanceKey(task), "1");
  const worker = await start("worker", clock.env);
  const readyz = async () => (await (await fetch(`${worker.url}/readyz`)).json()) as { warnings?: string[] };
  const refused = (task: string) =>
    expect.stringMatching(new RegExp(`^${task} failed: nothing is deleted: the clocks differ by 105 days`));
  await expect
    .poll(async () => (await readyz()).warnings)
    .toEqual([
      expect.stringMatching(/clock is 907\d{4} s ahead of Redis's/),
      expect.stringMatching(/clock is 907\d{4} s ahead of PostgreSQL's/),
      refused("retention"),
      refused("purge-rejected"),
    ]);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/model_views_maintenance_failed_total{task="retention"} [1-9]/);
  expect(metrics).toMatch(/model_views_clock_ahead_seconds{of="PostgreSQL"} 907\d{4}/);
  await queue.add(VIEWS_JOB, { v: 1, views: [aView({ modelId, id: randomUUID() })] }, VIEWS_JOB_OPTIONS);
  const stored = async () => (await db.$client.query("select id from model_views")).rowCount;
  await expect.poll(stored).toBe(2);
  const { rows } = await db.$client.query("select reason from rejected_views");
  expect(rows).toEqual([{ reason: "unknown_model" }]);
  expect((await db.$client.query("select from retired_months")).rowCount).toBe(0);
  expect(await verifyRollups(db)).toEqual([]);
});

test("maintenance goes on when a clock that was ahead is set right", async ({ db, start, folder, skip }) => {
  const clock = await wrongClock({ folder, offset: "+3600" }, skip);
  await start("worker", clock.env);
  const stored = async () => (await db.$client.query("select from model_views")).rowCount;
  const comeBack = async (views: number) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    await aModel(db, { id: view.modelId });
    await expect.poll(stored, { timeout: 30_000 }).toBe(views);
  };
  await comeBack(1);
  await clock.set("+0");
  await comeBack(2);
});

test("an ingest whose clock is wrong takes views, and reports it", async ({ start, folder, skip }) => {
  const clock = await wrongClock({ folder, offset: "-7200" }, skip);
  const ingest = await start("ingest", clock.env);
  const ready = async () =>
    (await (await fetch(`${ingest.adminUrl}/readyz`)).json()) as { status: string; warnings?: string[] };
  // What the question took, which is seconds on a busy machine, does not count as a difference.
  await expect.poll(ready).toMatchObject({
    status: "ok",
    warnings: [expect.stringMatching(/clock is 7(200|19\d) s behind Redis's/)],
  });
  expect(ingest.logged.filter((line) => line.includes("behind Redis's"))).toHaveLength(1);
});
