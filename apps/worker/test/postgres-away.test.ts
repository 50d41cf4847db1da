import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import type { LocalServer } from "@model-views/local-services/local-server.ts";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import {
  PAYLOAD_VERSION,
  VIEWS_JOB,
  VIEWS_JOB_OPTIONS,
  VIEWS_QUEUE,
} from "@model-views/shared/contracts/views-queue.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { describe, expect } from "vitest";

/** A PostgreSQL of the test's own, which it may stop. */
type OwnPostgres = { url: string; signal: (signal: NodeJS.Signals) => void; start: () => Promise<void> };

const test = base.extend<{ queue: Queue; ownPostgres: OwnPostgres }>({
  queue: async ({ redis }, use) => {
    const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
  ownPostgres: async ({ task: _ }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), "model-views-away-"));
    const open = () => openLocalPostgres({ dataDir, durable: false, log: () => {} });
    let server: LocalServer = await open();
    await use({
      url: server.url,
      signal: (signal) => process.kill(server.pid ?? 0, signal),
      async start() {
        await server.stop();
        server = await open();
      },
    });
    await server.stop();
    await rm(dataDir, { recursive: true });
  },
});

const add = (queue: Queue, views: ViewEvent[]) =>
  queue.add(VIEWS_JOB, { v: PAYLOAD_VERSION, views }, VIEWS_JOB_OPTIONS);

async function storedIds(db: Db): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>("select id from model_views");
  return rows.map(({ id }) => id).sort();
}

const ids = (views: ViewEvent[]) => views.map(({ id }) => id).sort();
const readyz = async (url: string) => (await fetch(`${url}/readyz`)).json();
const patient = { timeout: 50_000 };

describe("while PostgreSQL cannot take views, they wait, and no attempt is burned", () => {
  test("when it is stopped at once, and comes back", async ({ queue, start, ownPostgres }) => {
    const db = connect({
      databaseUrl: ownPostgres.url,
      applicationName: "test",
      connectionsMax: 2,
      statementTimeoutMs: 20_000,
      onError: () => {},
    });
    await migrate(db, { now: new Date() });
    const modelId = await aModel(db);
    const worker = await start("worker", { DATABASE_URL: ownPostgres.url });
    const first = [aView({ modelId })];
    await add(queue, first);
    await expect.poll(() => storedIds(db)).toEqual(ids(first));

    ownPostgres.signal("SIGQUIT");
    const batches = Array.from({ length: 100 }, () => [aView({ modelId }), aView({ modelId })]);
    const jobs = await Promise.all(batches.map((views) => add(queue, views)));
    await expect
      .poll(() => readyz(worker.url), patient)
      .toMatchObject({
        status: "not ready",
        checks: { recording: expect.stringMatching(/^paused, nothing is lost/) },
      });
    await ownPostgres.start();

    await expect.poll(() => storedIds(db), patient).toEqual(ids([...first, ...batches.flat()]));
    await expect.poll(() => readyz(worker.url), patient).toMatchObject({ status: "ok" });
    expect(await verifyRollups(db)).toEqual([]);
    expect(jobs).toHaveLength(100);
    expect(await queue.getJobCounts("waiting", "active", "delayed", "failed")).toEqual({
      waiting: 0,
      active: 0,
      delayed: 0,
      failed: 0,
    });
    // It gave back what it had in hand once, and then left the others where they were.
    const tries = worker.logged.filter((line) => line.includes("could not record a batch"));
    expect(tries.length).toBeLessThan(5);
    expect(await worker.kill("SIGTERM")).toBe(0);
    await db.$client.end();
  });

  test.for([
    [
      "read-only",
      "alter database %s set default_transaction_read_only = on",
      "alter database %s reset default_transaction_read_only",
      /25006/,
    ],
    [
      "without a table",
      "alter table model_days rename to mislaid",
      "alter table mislaid rename to model_days",
      /model_days.*42P01/,
    ],
  ] as const)("when it is %s", async ([, breaks, mends, reason], { queue, db, databaseUrl, start }) => {
    const name = new URL(databaseUrl).pathname.slice(1);
    const modelId = await aModel(db);
    // Told on a connection that the setting does not concern.
    const admin = await db.$client.connect();
    try {
      await admin.query(breaks.replace("%s", name));
      const worker = await start("worker");
      const views = [aView({ modelId })];
      const job = await add(queue, views);
      await expect
        .poll(() => readyz(worker.url), patient)
        .toMatchObject({ checks: { recording: expect.stringMatching(reason) } });
      expect((await queue.getJob(job.id ?? ""))?.attemptsMade).toBe(0);
      await admin.query(mends.replace("%s", name));
      await expect.poll(() => storedIds(db), patient).toEqual(ids(views));
      await expect.poll(() => readyz(worker.url), patient).toMatchObject({ status: "ok" });
    } finally {
      admin.release();
    }
  });
});

/** Every class of bad view that the queue's schema lets through. */
const BAD: Record<string, { view: Partial<ViewEvent>; row: object }> = {
  "a NUL in the user agent": {
    view: { userAgent: "a\0b" },
    row: { reason: "refused", sqlstate: "22021" },
  },
  "a NUL in the viewer": {
    view: { viewerIdentifier: "a\0b" },
    row: { reason: "refused", sqlstate: "22021" },
  },
  "a time that never was": {
    view: { viewedAt: "0000-06-01T00:00:00Z" },
    row: { reason: "refused", sqlstate: "22008" },
  },
  "a country that is too long": {
    view: { country: "ZZ" },
    row: { reason: "refused", sqlstate: "23514" },
  },
  "a model that does not exist": {
    view: { modelId: randomUUID() },
    row: { reason: "unknown_model", sqlstate: null },
  },
};

const BATCH_VIEWS = 20;

test("a bad view at any position of a batch is rejected with its reason, and every other is stored", async ({
  db,
  queue,
  start,
}) => {
  const modelId = await aModel(db);
  // A rule of the operator's own, for the class of constraint violations.
  await db.$client.query("alter table model_views add constraint no_zz check (country <> 'ZZ')");
  // One batch in each statement, so that the place in the batch is that in the statement.
  await start("worker", { INSERT_VIEWS_MAX: String(BATCH_VIEWS) });
  const bad: { id: string; row: object }[] = [];
  const good: ViewEvent[] = [];
  for (let position = 0; position < BATCH_VIEWS; position += 1) {
    const views = Array.from({ length: BATCH_VIEWS }, () => aView({ modelId }));
    const kind = Object.values(BAD)[position % Object.keys(BAD).length];
    const view = aView({ modelId, ...kind?.view });
    views[position] = view;
    bad.push({ id: view.id, row: kind?.row ?? {} });
    good.push(...views.filter((each) => each !== view));
    await add(queue, views);
  }
  await expect.poll(async () => (await storedIds(db)).length, patient).toBe(good.length);
  expect(await storedIds(db)).toEqual(ids(good));
  // The last bad view stands alone, and is rejected, after every good one is stored.
  const rejected = () => db.$client.query("select id, reason, sqlstate from rejected_views");
  await expect.poll(async () => (await rejected()).rowCount, patient).toBe(bad.length);
  const { rows } = await rejected();
  expect(new Map(rows.map(({ id, ...row }) => [id, row]))).toEqual(
    new Map(bad.map(({ id, row }) => [id, row])),
  );
  expect(await verifyRollups(db)).toEqual([]);
});

test("a worker that gets nothing done though it could ends, for its supervisor to start it again", async ({
  db,
  queue,
  start,
}) => {
  const modelId = await aModel(db);
  const worker = await start("worker", { PROGRESS_TIMEOUT_SECONDS: "2" });
  const client = await db.$client.connect();
  await client.query("begin; lock table model_days in access exclusive mode");
  const views = [aView({ modelId })];
  await add(queue, views);
  expect(await worker.exited).toBe(1);
  expect(worker.logged.join("\n")).toMatch(/no job was done for \d+ s/);
  await client.query("rollback");
  client.release();
  await start("worker");
  await expect.poll(() => storedIds(db), patient).toEqual(ids(views));
});
