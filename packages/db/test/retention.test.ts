import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { pruneViewers } from "@model-views/db/maintenance/prune-viewers.ts";
import { purgeRejected } from "@model-views/db/maintenance/purge-rejected.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { modelStats } from "@model-views/db/stats/model-stats.ts";
import { topInPeriod } from "@model-views/db/stats/period-stats.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import {
  CONNECTIONS,
  makeMonths,
  makeViewer,
  viewsByPartition,
  waitingForLocks,
  whileHolding,
} from "./months.ts";

const now = new Date("2031-05-15T12:00:00Z");
/** Ninety days before are in February: March, April and what comes later stay, and so does all of February. */
const retention = { now, retentionDays: 90 };

/** Partitions from 2030-12 on, and a model. */
const test = base.extend<{ modelId: string }>({
  modelId: async ({ db }, use) => {
    await makeMonths(db, { now, monthsBack: 5 });
    await use(await aModel(db));
  },
});

const at = (day: string) => `${day}T10:00:00.000Z`;
const retiredMonths = async (db: Db) =>
  (await db.$client.query("select month::text from retired_months order by 1")).rows.map(
    ({ month }) => month,
  );

describe("dropExpiredPartitions", () => {
  test("removes the months past retention, with and without a partition, and leaves all stats", async ({
    db,
    modelId,
  }) => {
    await recordViews(
      db.$client,
      ["2015-05-20", "2015-06-01", "2031-01-01", "2031-01-31", "2031-02-01", "2031-05-15", "2040-01-01"].map(
        (day) => aView({ modelId, viewedAt: at(day) }),
      ),
    );
    const before = await modelStats(db, modelId);
    expect(await dropExpiredPartitions(db.$client, retention)).toEqual({
      months: ["2015-05", "2015-06", "2031-01"],
      views: 4,
      postponed: [],
    });
    expect(await viewsByPartition(db)).toEqual({
      model_views_2031_02: 1,
      model_views_2031_05: 1,
      model_views_default: 1,
    });
    expect(await modelStats(db, modelId)).toEqual(before);
    const { rows } = await db.$client.query("select sum(views)::int as views from model_days");
    expect(rows).toEqual([{ views: 7 }]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("finds nothing left the second time, or when two do it at once", async ({ db, modelId }) => {
    await recordViews(db.$client, [
      aView({ modelId, viewedAt: at("2031-01-01") }),
      aView({ modelId, viewedAt: at("2015-05-20") }),
    ]);
    const both = await Promise.all([
      dropExpiredPartitions(db.$client, retention),
      dropExpiredPartitions(db.$client, retention),
    ]);
    expect(both.reduce((sum, { views }) => sum + views, 0)).toBe(2);
    expect(await dropExpiredPartitions(db.$client, retention)).toEqual({
      months: [],
      views: 0,
      postponed: [],
    });
    expect(await retiredMonths(db)).toEqual(["2015-05-01", "2031-01-01"]);
  });

  test("removes nothing when views are kept for ever", async ({ db, modelId }) => {
    await recordViews(db.$client, [aView({ modelId, viewedAt: at("1999-01-01") })]);
    const forEver = { now, retentionDays: 0 };
    expect(await dropExpiredPartitions(db.$client, forEver)).toEqual({ months: [], views: 0, postponed: [] });
    expect(await pruneViewers(db.$client, forEver)).toEqual({ viewers: 0, views: 0 });
    expect(await purgeRejected(db.$client, forEver)).toEqual({ rejectedViews: 0 });
    expect(await viewsByPartition(db)).toEqual({ model_views_default: 1 });
  });

  test("a month that held nothing goes without a trace, and still takes late views", async ({
    db,
    modelId,
  }) => {
    await dropExpiredPartitions(db.$client, retention);
    expect(await retiredMonths(db)).toEqual([]);
    const { rows } = await db.$client.query("select to_regclass('model_views_2031_01') as partition");
    expect(rows).toEqual([{ partition: null }]);
    const late = aView({ modelId, viewedAt: at("2031-01-20") });
    expect(await recordViews(db.$client, [late])).toMatchObject({ inserted: 1 });
    expect(await dropExpiredPartitions(db.$client, retention)).toMatchObject({
      months: ["2031-01"],
      views: 1,
    });
    expect(await recordViews(db.$client, [late])).toMatchObject({ inserted: 0, rejected: 1 });
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 1 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a month that is retired gets no partition again", async ({ db, modelId }) => {
    await recordViews(db.$client, [aView({ modelId, viewedAt: at("2031-01-20") })]);
    await dropExpiredPartitions(db.$client, retention);
    expect(await makeMonths(db, { now, monthsBack: 5 })).toEqual(["model_views_2030_12"]);
  });

  test("postpones a month whose table is locked, and lets recording go on", async ({ db, modelId }) => {
    await recordViews(db.$client, [
      aView({ modelId, viewedAt: at("2031-01-01") }),
      aView({ modelId, viewedAt: at("2015-05-20") }),
    ]);
    await whileHolding(
      db,
      (reader) => reader.query("select from model_views; select from retired_months"),
      async () => {
        const patience = { lockTimeoutMs: 50, tries: 2, pauseMs: 1 };
        const impatient = await dropExpiredPartitions(db.$client, { ...retention, patience });
        expect(impatient).toMatchObject({ months: [], views: 0 });
        expect(impatient.postponed).toEqual(expect.arrayContaining(["2015-05", "2031-01"]));
        const late = aView({ modelId, viewedAt: at("2031-01-02") });
        expect(await recordViews(db.$client, [late])).toMatchObject({ inserted: 1 });
      },
    );
    expect(await dropExpiredPartitions(db.$client, retention)).toMatchObject({
      months: ["2015-05", "2031-01"],
      views: 3,
    });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test.for([
    ["with a partition", "2031-01", "a new connection"],
    ["with a partition", "2031-01", "a connection with a kept plan"],
    ["in the default partition", "2015-05", "a new connection"],
    ["in the default partition", "2015-05", "a connection with a kept plan"],
  ] as const)(
    "a view that waits while its month, %s, is retired is rejected, not stored (%s, on %s)",
    async ([, month, connections], { db, modelId }) => {
      await CONNECTIONS[connections](db, modelId);
      // Retention then has nothing to do before it comes to this month.
      await dropExpiredPartitions(db.$client, retention);
      if (month === "2031-01") await makeMonths(db, { now: new Date("2031-01-01T00:00:00Z") });
      const other = await aModel(db);
      const early = aView({ modelId, viewedAt: at(`${month}-01`) });
      const waiting = aView({ modelId: other, viewedAt: at(`${month}-02`) });
      await recordViews(db.$client, [aView({ modelId, viewedAt: at(`${month}-03`) })]);

      // Holds up the first batch in the middle of its statement; retention waits for that, the second for retention.
      await whileHolding(
        db,
        (holder) => makeViewer(holder, modelId, early.viewerIdentifier),
        async (_release, undo) => {
          const first = recordViews(db.$client, [early]);
          await expect.poll(() => waitingForLocks(db)).toBe(1);
          const dropped = dropExpiredPartitions(db.$client, {
            ...retention,
            patience: { lockTimeoutMs: 15_000, tries: 1, pauseMs: 0 },
          });
          await expect.poll(() => waitingForLocks(db)).toBe(2);
          const second = recordViews(db.$client, [waiting]);
          await expect.poll(() => waitingForLocks(db)).toBe(3);
          await undo();
          expect(await first).toMatchObject({ inserted: 1 });
          expect(await dropped).toMatchObject({ months: [month], postponed: [] });
          expect(await second).toMatchObject({ inserted: 0, rejected: 1 });
        },
      );
      const { rows } = await db.$client.query("select from model_views where viewed_at < '2031-02-01'");
      expect(rows).toEqual([]);
      expect(await verifyRollups(db)).toEqual([]);
    },
  );
});

test("models of which retention has removed views stay in a ranking that counts its last day as a whole without the rest", async ({
  db,
  modelId,
}) => {
  const other = await aModel(db);
  const viewOf = (id: string, viewedAt: string) => aView({ modelId: id, viewedAt });
  await recordViews(db.$client, [
    viewOf(modelId, "2031-01-31T13:00:00.000Z"),
    // In the rest, so it is added and left out again.
    viewOf(modelId, "2031-05-15T13:30:00.000Z"),
    viewOf(other, "2031-01-31T13:00:00.000Z"),
  ]);
  await finalizeViewers(db.$client, { now });
  await dropExpiredPartitions(db.$client, retention);
  for (const sort of ["total", "unique"] as const) {
    const { items } = await topInPeriod(asking(db.$client), {
      from: new Date("2031-01-31T12:00:00Z"),
      to: new Date("2031-05-15T13:00:00Z"),
      bots: "exclude",
      sort,
      limit: 10,
    });
    expect(items.map((item) => item.modelId)).toEqual([modelId, other].toSorted());
    expect(items).toMatchObject([{ totalViews: null }, { totalViews: null }]);
  }
});

describe("pruneViewers", () => {
  const viewers = async (db: Db) =>
    (await db.$client.query("select viewer_identifier as viewer from model_viewers order by 1")).rows.map(
      ({ viewer }) => viewer,
    );

  test("removes viewers who were not seen since, and lowers no count; one who returns is counted again", async ({
    db,
    modelId,
  }) => {
    const by = (viewerIdentifier: string, day: string) =>
      aView({ modelId, viewerIdentifier, viewedAt: at(day) });
    await recordViews(db.$client, [
      by("gone", "2031-01-01"),
      by("gone", "2031-01-02"),
      by("stays", "2031-01-01"),
      by("stays", "2031-02-01"),
    ]);
    await dropExpiredPartitions(db.$client, retention);
    const before = await modelStats(db, modelId);
    expect(await pruneViewers(db.$client, retention)).toEqual({ viewers: 1, views: 2 });
    expect(await pruneViewers(db.$client, retention)).toEqual({ viewers: 0, views: 0 });
    expect(await viewers(db)).toEqual(["stays"]);
    expect(await modelStats(db, modelId)).toEqual(before);
    expect(await verifyRollups(db)).toEqual([]);

    await recordViews(db.$client, [by("gone", "2031-05-01")]);
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 5, uniqueViews: 3 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("keeps a viewer who still has a view, of any month", async ({ db, modelId }) => {
    await recordViews(db.$client, [aView({ modelId, viewerIdentifier: "late", viewedAt: at("2031-01-01") })]);
    expect(await pruneViewers(db.$client, retention)).toEqual({ viewers: 0, views: 0 });
    expect(await viewers(db)).toEqual(["late"]);
  });

  test("takes as many viewers as there are, of several models", async ({ db, modelId }) => {
    for (const id of [modelId, await aModel(db)]) {
      await recordViews(
        db.$client,
        Array.from({ length: 4_000 }, () => aView({ modelId: id, viewedAt: at("2031-01-01") })),
      );
    }
    await dropExpiredPartitions(db.$client, retention);
    expect(await pruneViewers(db.$client, retention)).toEqual({ viewers: 8_000, views: 8_000 });
    expect(await viewers(db)).toEqual([]);
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 4_000, uniqueViews: 4_000 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a view that was committed between the question and the lock keeps its viewer", async ({
    db,
    modelId,
  }) => {
    const by = (day: string) => aView({ modelId, viewerIdentifier: "late", viewedAt: at(day) });
    await recordViews(db.$client, [by("2031-01-01")]);
    await dropExpiredPartitions(db.$client, retention);
    // A recording in slow motion: its view and its viewer are written, and not committed yet.
    await whileHolding(
      db,
      (recording) => recordViews(recording, [by("2030-12-31")]),
      async (release) => {
        const pruned = pruneViewers(db.$client, retention);
        await expect.poll(() => waitingForLocks(db)).toBe(1);
        await release();
        expect(await pruned).toEqual({ viewers: 0, views: 0 });
      },
    );
    expect(await viewers(db)).toEqual(["late"]);
    expect(await verifyRollups(db)).toEqual([]);
  });
});

describe("purgeRejected", () => {
  test("deletes what was rejected longer ago than retention keeps, and returns how many", async ({ db }) => {
    await recordViews(db.$client, [aView(), aView(), aView()]);
    await db.$client.query(
      "update rejected_views set rejected_at = $1 where ctid in (select ctid from rejected_views limit 2)",
      ["2031-02-14T11:59:59Z"],
    );
    await db.$client.query("update rejected_views set rejected_at = $1 where rejected_at < $2", [
      "2031-02-14T12:00:01Z",
      "2031-01-01T00:00:00Z",
    ]);
    expect(await purgeRejected(db.$client, retention)).toEqual({ rejectedViews: 2 });
    expect(await purgeRejected(db.$client, retention)).toEqual({ rejectedViews: 0 });
    expect((await db.$client.query("select from rejected_views")).rowCount).toBe(1);
  });
});

test("retention runs beside several workers, with no deadlock and every view counted once", async ({
  db,
  modelId,
}) => {
  const models = [modelId, await aModel(db), await aModel(db)];
  const months = ["2015-05", "2030-12", "2031-01", "2031-02", "2031-05"];
  const batch = (round: number) =>
    Array.from({ length: 40 }, (_, i) =>
      aView({
        modelId: models[i % 3] ?? "",
        viewerIdentifier: `viewer ${(round * 7 + i) % 25}`,
        viewedAt: at(`${months[(i + round) % 5]}-${String((i % 28) + 1).padStart(2, "0")}`),
      }),
    );
  let isRecording = true;
  const workers = Array.from({ length: 3 }, async (_, worker) => {
    for (let round = worker; round < 90; round += 3) {
      const views = batch(round);
      const { inserted, rejected } = await recordViews(db.$client, views);
      expect(inserted + rejected).toBe(views.length);
      expect(await recordViews(db.$client, views)).toMatchObject({ inserted: 0 });
    }
  });
  const maintenance = (async () => {
    let dropped = 0;
    while (isRecording) {
      dropped += (await dropExpiredPartitions(db.$client, retention)).months.length;
      await pruneViewers(db.$client, retention);
      expect(await verifyRollups(db)).toEqual([]);
    }
    return dropped;
  })();
  await Promise.all(workers).finally(() => {
    isRecording = false;
  });
  // The views of the last months may have come after its last round.
  const last = await dropExpiredPartitions(db.$client, retention);
  expect((await maintenance) + last.months.length).toBe(3);
  expect(await verifyRollups(db)).toEqual([]);
  // Counted once: what is stored now, and what was counted before its month was retired.
  const { rows } = await db.$client.query(
    `select (select count(*)::int from rejected_views where reason <> 'past_retention') as others,
       (select sum(total_views)::int from model_totals) + (select count(*)::int from rejected_views r) as views`,
  );
  expect(rows[0].others).toBe(0);
  expect(rows[0].views).toBeGreaterThanOrEqual(90 * 40);
});
