import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { waitForLock } from "@model-views/db/postgres/advisory-locks.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { makeMonths } from "./months.ts";

type Db = Parameters<typeof aModel>[0];

const now = new Date("2026-11-22T12:00:00Z");
const ANNA = "00000000-0000-4000-8000-00000000000a";
const BERT = "00000000-0000-4000-8000-00000000000b";

const viewOf = (modelId: string, viewer: string, viewedAt: string) =>
  aView({ modelId, viewerIdentifier: viewer, viewedAt });
const finalize = (db: Db, at = now) => finalizeViewers(db.$client, { now: at });

const modelDays = (db: Db) =>
  rowsOf(
    db,
    "select model_id || ' ' || day || ': ' || views || ' ' || coalesce(viewers::text, '-') from model_days",
  );
const site = (db: Db) =>
  rowsOf(
    db,
    `select 'day ' || day || ': ' || views || ' ' || viewers from site_days
     union all select 'month ' || month || ': ' || views || ' ' || viewers from site_months`,
  );
const modelMonths = (db: Db) =>
  rowsOf(db, "select model_id || ' ' || month || ': ' || views || ' ' || viewers from model_months");
const NOTHING = { modelDays: 0, siteDays: 0, months: 0 };

async function rowsOf(db: Db, text: string): Promise<string[]> {
  const { rows } = await db.$client.query({ text: `${text} order by 1`, rowMode: "array" });
  return rows.map(([line]) => line);
}

/** Does something while a view is recorded whose transaction is still open, and then does not happen. */
async function whileRecording(
  db: Db,
  view: ReturnType<typeof aView>,
  work: () => Promise<void>,
): Promise<void> {
  const client = await db.$client.connect();
  try {
    await client.query("begin");
    await recordViews(client, [view]);
    await work();
  } finally {
    client.release(true);
  }
}

describe("finalizeViewers", () => {
  test("counts the different viewers of what is over, of models and of the site, and not of today", async ({
    db,
  }) => {
    await aModel(db, { id: ANNA });
    await aModel(db, { id: BERT });
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2026-10-30T10:00:00Z"),
      viewOf(ANNA, "one", "2026-10-30T11:00:00Z"),
      viewOf(ANNA, "two", "2026-10-31T23:59:59.999Z"),
      viewOf(BERT, "one", "2026-10-31T00:00:00Z"),
      { ...viewOf(ANNA, "a bot", "2026-10-30T12:00:00Z"), isBot: true },
      viewOf(ANNA, "one", "2026-11-22T10:00:00Z"),
    ]);
    expect(await finalize(db)).toEqual({ modelDays: 3, siteDays: 2, months: 1 });
    expect(await modelDays(db)).toEqual([
      `${ANNA} 2026-10-30: 2 1`,
      `${ANNA} 2026-10-31: 1 1`,
      `${ANNA} 2026-11-22: 1 -`,
      `${BERT} 2026-10-31: 1 1`,
    ]);
    expect(await site(db)).toEqual(["day 2026-10-30: 2 1", "day 2026-10-31: 2 2", "month 2026-10-01: 4 2"]);
    expect(await modelMonths(db)).toEqual([`${ANNA} 2026-10-01: 3 2`, `${BERT} 2026-10-01: 1 1`]);
    expect(await finalize(db), "and again").toEqual(NOTHING);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("takes the model with the lowest id as any other", async ({ db }) => {
    const nil = "00000000-0000-0000-0000-000000000000";
    for (const id of [nil, ANNA]) await aModel(db, { id });
    await recordViews(db.$client, [
      viewOf(nil, "one", "2026-10-30T10:00:00Z"),
      viewOf(ANNA, "one", "2026-10-30T10:00:00Z"),
    ]);
    expect(await finalize(db)).toEqual({ modelDays: 2, siteDays: 1, months: 1 });
    expect(await modelMonths(db)).toEqual([`${nil} 2026-10-01: 1 1`, `${ANNA} 2026-10-01: 1 1`]);
  });

  test("after a late view writes that model's day and month, and those of no other model", async ({ db }) => {
    for (const id of [ANNA, BERT]) await aModel(db, { id });
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2026-10-29T10:00:00Z"),
      viewOf(ANNA, "one", "2026-10-30T10:00:00Z"),
      viewOf(BERT, "two", "2026-10-30T10:00:00Z"),
    ]);
    const valuesToo = { now, manyViews: { day: 1, month: 1 } };
    await finalizeViewers(db.$client, valuesToo);
    const written = async () => {
      const rows = await rowsOf(
        db,
        `select model_id || ' ' || day || ' ' || xmin || ctid from model_days
         union all select model_id || ' ' || month || ' ' || xmin || ctid from model_months
         union all select model_id || ' ' || start || dimension || ' ' || xmin || ctid from model_values`,
      );
      const ofBert = rows.filter((row) => row.startsWith(BERT));
      const ofOtherDays = rows.filter((row) => row.startsWith(`${ANNA} 2026-10-29`));
      expect([ofBert.length > 2, ofOtherDays.length > 1]).toEqual([true, true]);
      return [...ofBert, ...ofOtherDays];
    };
    const before = await written();
    await recordViews(db.$client, [viewOf(ANNA, "three", "2026-10-30T13:00:00Z")]);
    expect(await finalizeViewers(db.$client, valuesToo)).toEqual({ modelDays: 1, siteDays: 1, months: 1 });
    expect(await written()).toEqual(before);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("finds out that all models were removed at once", async ({ db }) => {
    await aModel(db, { id: ANNA });
    await recordViews(db.$client, [viewOf(ANNA, "one", "2026-10-30T10:00:00Z")]);
    await finalize(db);
    await db.$client.query("truncate models cascade");
    expect(await verifyRollups(db)).toEqual([]);
    await finalize(db);
    expect(await site(db)).toEqual([]);
  });

  test("waits some minutes for late views before a day counts as over", async ({ db }) => {
    await aModel(db, { id: ANNA });
    await recordViews(db.$client, [viewOf(ANNA, "one", "2026-11-21T10:00:00Z")]);
    expect(await finalize(db, new Date("2026-11-22T00:09:59Z"))).toMatchObject({ modelDays: 0 });
    expect(await finalize(db, new Date("2026-11-22T00:10:00Z"))).toMatchObject({ modelDays: 1 });
  });

  test.for([
    ["a late view", (db: Db) => recordViews(db.$client, [viewOf(ANNA, "three", "2026-10-30T13:00:00Z")])],
    ["the erasure of one of two viewers", (db: Db) => eraseViewer(db.$client, "one", { now })],
    ["the erasure of the only viewer of a day", (db: Db) => eraseViewer(db.$client, "two", { now })],
    ["a model's deletion by hand", (db: Db) => db.$client.query("delete from models where id = $1", [BERT])],
  ] as const)("%s opens its day and month again, and they are made anew", async ([, change], { db }) => {
    await aModel(db, { id: ANNA });
    await aModel(db, { id: BERT });
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2026-10-30T10:00:00Z"),
      viewOf(ANNA, "three", "2026-10-30T11:00:00Z"),
      viewOf(BERT, "two", "2026-10-30T12:00:00Z"),
      viewOf(BERT, "three", "2026-10-29T12:00:00Z"),
    ]);
    await finalize(db);
    const before = await site(db);
    await change(db);
    expect(await verifyRollups(db), "nothing outdated counts as stored").toEqual([]);
    await finalize(db);
    expect(await site(db)).not.toEqual(before);
    expect(await verifyRollups(db)).toEqual([]);
    const counted = await rowsOf(
      db,
      `select model_id || ' 2026-10-01: ' || count(*) || ' ' || count(distinct viewer_identifier)
         from model_views group by model_id`,
    );
    expect(await modelMonths(db)).toEqual(counted);
  });

  test("what was finalized stays known when retention removes the views; what was not is not counted any more", async ({
    db,
  }) => {
    await makeMonths(db, { now, monthsBack: 6 });
    await aModel(db, { id: ANNA });
    await recordViews(db.$client, [viewOf(ANNA, "one", "2026-06-10T10:00:00Z")]);
    await finalize(db);
    await recordViews(db.$client, [viewOf(ANNA, "two", "2026-06-11T10:00:00Z")]);
    await dropExpiredPartitions(db.$client, { now, retentionDays: 90 });
    expect(await finalize(db)).toEqual(NOTHING);
    expect(await modelDays(db)).toEqual([`${ANNA} 2026-06-10: 1 1`, `${ANNA} 2026-06-11: 1 -`]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("leaves a day that is being recorded to the next time", async ({ db }) => {
    await aModel(db, { id: ANNA });
    await recordViews(db.$client, [viewOf(ANNA, "one", "2026-11-20T10:00:00Z")]);
    await whileRecording(db, viewOf(ANNA, "two", "2026-11-20T11:00:00Z"), async () => {
      expect(await finalize(db)).toEqual(NOTHING);
    });
    await expect.poll(() => finalize(db)).toEqual({ modelDays: 1, siteDays: 1, months: 0 });
    expect(await modelDays(db)).toEqual([`${ANNA} 2026-11-20: 1 1`]);
  });

  test("a model's day is made anew while another model keeps the site's day open", async ({ db }) => {
    for (const id of [ANNA, BERT]) await aModel(db, { id });
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2026-11-10T10:00:00Z"),
      viewOf(ANNA, "two", "2026-11-10T11:00:00Z"),
      viewOf(BERT, "two", "2026-11-10T12:00:00Z"),
    ]);
    await finalize(db);
    await eraseViewer(db.$client, "one", { now: new Date("2026-11-10T10:30:00Z") });
    await recordViews(db.$client, [
      viewOf(ANNA, "two", "2026-11-10T13:00:00Z"),
      viewOf(BERT, "two", "2026-11-10T13:00:00Z"),
    ]);
    await whileRecording(db, viewOf(BERT, "three", "2026-11-10T14:00:00Z"), async () => {
      await finalize(db);
      expect(await modelDays(db), "as many views as before, of one viewer instead of two").toEqual([
        `${ANNA} 2026-11-10: 2 1`,
        `${BERT} 2026-11-10: 2 -`,
      ]);
      expect(await verifyRollups(db)).toEqual([]);
    });
  });

  test("beside the recording, erasures and itself it leaves nothing wrong", async ({ db }) => {
    for (const id of [ANNA, BERT]) await aModel(db, { id });
    const record = async (part: number) => {
      for (let index = 0; index < 30; index += 1) {
        const day = 1 + ((index * 7 + part) % 20);
        const viewedAt = `2026-10-${String(day).padStart(2, "0")}T10:00:00.${String(index).padStart(3, "0")}Z`;
        await recordViews(db.$client, [
          viewOf(ANNA, `viewer ${(index + part) % 4}`, viewedAt),
          viewOf(BERT, `viewer ${part}`, viewedAt),
        ]);
      }
    };
    const finalizing = async () => {
      for (let round = 0; round < 10; round += 1) await finalize(db);
    };
    await Promise.all([
      record(0),
      record(1),
      finalizing(),
      finalizing(),
      eraseViewer(db.$client, "viewer 2", { now }),
    ]);
    expect(await verifyRollups(db)).toEqual([]);
    await finalize(db);
    expect(await verifyRollups(db)).toEqual([]);
    expect((await modelDays(db)).filter((line) => line.endsWith("-"))).toEqual([]);
  });

  test("beside models that are deleted, one or many at once, it neither fails nor blocks them", async ({
    db,
  }) => {
    const ids = Array.from({ length: 20 }, () => aView().modelId);
    for (let round = 0; round < 5; round += 1) {
      for (const id of ids) await aModel(db, { id });
      await recordViews(
        db.$client,
        ids.flatMap((id) => [
          viewOf(id, "one", "2026-10-30T10:00:00Z"),
          viewOf(id, "two", "2026-10-20T10:00:00Z"),
        ]),
      );
      await finalize(db);
      await recordViews(
        db.$client,
        ids.map((id) => viewOf(id, "three", `2026-10-30T11:00:00.${String(round).padStart(3, "0")}Z`)),
      );
      await Promise.all([
        finalize(db),
        db.$client.query("delete from models where id = any($1)", [ids.slice(0, 15)]),
        finalize(db),
        db.$client.query("delete from models where id = $1", [ids[17]]),
      ]);
      expect(await verifyRollups(db)).toEqual([]);
    }
  });

  test("a model that is being deleted is left out", async ({ db }) => {
    for (const id of [ANNA, BERT]) await aModel(db, { id });
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2026-10-30T10:00:00Z"),
      viewOf(BERT, "two", "2026-10-30T10:00:00Z"),
    ]);
    await finalize(db);
    await recordViews(db.$client, [
      viewOf(ANNA, "three", "2026-10-30T11:00:00Z"),
      viewOf(BERT, "three", "2026-10-30T11:00:00Z"),
    ]);
    const client = await db.$client.connect();
    try {
      await client.query("begin");
      await client.query("delete from models where id = $1", [BERT]);
      expect(await finalize(db)).toEqual({ modelDays: 1, siteDays: 0, months: 0 });
      await client.query("commit");
    } finally {
      client.release(true);
    }
    expect(await verifyRollups(db)).toEqual([]);
    expect(await finalize(db)).toEqual({ modelDays: 0, siteDays: 1, months: 1 });
    expect(await site(db)).toEqual(["day 2026-10-30: 2 2", "month 2026-10-01: 2 2"]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("an erasure does not wait until a month is stored", async ({ db }) => {
    await aModel(db, { id: ANNA });
    await recordViews(db.$client, [viewOf(ANNA, "one", "2026-10-30T10:00:00Z")]);
    const client = await db.$client.connect();
    try {
      // As a month of many models: it holds its lock, and reads.
      await client.query("begin");
      await waitForLock(asking(client), "finalize");
      await client.query("select from model_views");
      expect(await eraseViewer(db.$client, "one", { now })).toMatchObject({ views: 1 });
    } finally {
      client.release(true);
    }
  });

  test("views that move into a partition while they are counted are all counted", async ({ db }) => {
    const old = new Date("2025-03-15T12:00:00Z");
    for (const id of [ANNA, BERT]) await aModel(db, { id });
    await recordViews(db.$client, [
      viewOf(ANNA, "one", "2025-03-10T10:00:00Z"),
      viewOf(ANNA, "two", "2025-03-10T11:00:00Z"),
      viewOf(BERT, "three", "2025-03-10T12:00:00Z"),
    ]);
    await finalize(db);
    await db.$client.query("delete from models where id = $1", [BERT]);
    await Promise.all([ensureMonthPartitions(db.$client, { now: old }), finalize(db), finalize(db)]);
    await finalize(db);
    expect(await site(db)).toContain("day 2025-03-10: 2 2");
    expect(await verifyRollups(db)).toEqual([]);
  });
});
