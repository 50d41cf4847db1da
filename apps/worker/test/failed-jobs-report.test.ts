import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { Queue } from "bullmq";
import { Counter } from "prom-client";
import { expect } from "vitest";
import { createFailedJobsReport } from "../src/queue/failed-jobs-report.ts";

test("300,000 failed jobs are counted each, and are a line a minute with how many there were", () => {
  const failedJobs = new Counter({ name: "failed", help: "failed", registers: [createMetrics()] });
  const lines: unknown[] = [];
  let now = 0;
  const report = createFailedJobsReport({
    metrics: { failedJobs },
    logger: { error: (line: unknown) => void lines.push(line) },
    now: () => now,
  });
  // Five thousand a second.
  for (let n = 0; n < 300_000; n += 1) {
    now = n / 5;
    report(`job ${n}`, "not a payload");
  }
  report("last", "not a payload");
  now = 60_000;
  report("later", "not a payload");
  expect(lines).toEqual([
    { jobs: 1, jobId: "job 0", reason: "not a payload" },
    { jobs: 300_001, jobId: "later", reason: "not a payload" },
  ]);
  return expect(failedJobs.get()).resolves.toMatchObject({ values: [{ value: 300_002 }] });
});

test("a worker reports failed jobs in its metrics, its log and its readiness, and is ready all the same", async ({
  redis,
  start,
}) => {
  const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
  const worker = await start("worker");
  const bad = Array.from({ length: 200 }, () => ({
    name: VIEWS_JOB,
    data: { v: 1, views: [{}] },
    opts: VIEWS_JOB_OPTIONS,
  }));
  await queue.addBulk(bad);
  await expect.poll(() => queue.getFailedCount()).toBe(200);
  await queue.close();
  // An answer may be a second old.
  await expect
    .poll(async () => (await fetch(`${worker.url}/readyz`)).json())
    .toMatchObject({ status: "ok", checks: { failedJobs: expect.stringMatching(/^200 failed jobs/) } });
  expect(await (await fetch(`${worker.url}/metrics`)).text()).toContain(
    "model_views_worker_failed_jobs_total 200",
  );
  expect(worker.logged.filter((line) => line.includes("failed")).length).toBe(1);
});
