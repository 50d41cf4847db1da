import { ALL } from "@model-views/db/audiences/grouping.ts";
import { spanAudiences } from "@model-views/db/audiences/span-audiences.ts";
import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { type Ask, asking } from "@model-views/db/postgres/sql.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { breakdown } from "@model-views/db/stats/breakdown.ts";
import { hotModels } from "@model-views/db/stats/hot-models.ts";
import { partsSince } from "@model-views/db/stats/recent-views.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect, vi } from "vitest";

const now = new Date("2026-11-22T12:30:00Z");

/** A model with views at 7, 8 (two) and 12 o'clock, and its finalized hours. */
const test = base.extend<{ modelId: string }>({
  modelId: async ({ db }, use) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [
      at(modelId, "07:59:59.999"),
      at(modelId, "08:00:00.000"),
      at(modelId, "08:30:00.000", "erased"),
      at(modelId, "12:05:00.000"),
    ]);
    await finalizeHours(db.$client, { now });
    await use(modelId);
  },
});

function at(modelId: string, time: string, viewerIdentifier = "stays") {
  return aView({ modelId, viewerIdentifier, viewedAt: `2026-11-22T${time}Z` });
}

/** Views by hour as they are kept, and whether each hour is finalized. */
async function hours(db: Db): Promise<unknown[]> {
  const { rows } = await db.$client.query<{ row: unknown }>(
    `select jsonb_build_array(to_char(hour at time zone 'utc', 'HH24'), sum(views), coalesce(is_complete, false)) as row
     from model_hours h left join finalized_hours f using (hour) group by hour, is_complete order by hour`,
  );
  return rows.map(({ row }) => row);
}

const viewsOf24Hours = async (db: Db) => {
  const [hot] = await hotModels(db.$client, { halfLife: "1d", limit: 1, now });
  return hot?.why.views;
};

describe("model_hours", () => {
  test("has the hours that are over, in each a model's views; questions count the rest", async ({
    db,
    modelId,
  }) => {
    expect(modelId).toBeDefined();
    expect(await hours(db)).toEqual([
      ["07", 1, true],
      ["08", 2, true],
    ]);
    const { rows } = await db.$client.query<{ last: string }>(
      "select to_char(max(hour) at time zone 'utc', 'HH24') as last from finalized_hours",
    );
    expect(rows).toEqual([{ last: "11" }]);
    expect(await viewsOf24Hours(db)).toBe(4);
    // What is kept is read.
    await db.$client.query("update model_hours set views = views + 10");
    expect(await viewsOf24Hours(db)).toBe(24);
    expect(await verifyRollups(db)).toMatchObject([
      {
        rollup: "model_hours",
        expected: expect.stringMatching("^1 views"),
        found: expect.stringMatching("^11 views"),
      },
      {
        rollup: "model_hours",
        expected: expect.stringMatching("^2 views"),
        found: expect.stringMatching("^12 views"),
      },
    ]);
  });

  test("a late view opens its hour again, and the next run counts it", async ({ db, modelId }) => {
    await recordViews(db.$client, [at(modelId, "08:15:00.000"), at(modelId, "12:06:00.000")]);
    expect(await hours(db)).toEqual([
      ["07", 1, true],
      ["08", 2, false],
    ]);
    expect(await viewsOf24Hours(db)).toBe(6);
    expect(await finalizeHours(db.$client, { now })).toEqual({ hours: 1, isPostponed: false });
    expect((await hours(db)).at(-1)).toEqual(["08", 3, true]);
    expect(await viewsOf24Hours(db)).toBe(6);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("an erasure opens the hours of its views, and leaves scores that equal a new count", async ({
    db,
    modelId,
  }) => {
    await eraseViewer(db.$client, "erased", { now });
    expect(await hours(db)).toContainEqual(["08", 2, false]);
    expect(await viewsOf24Hours(db)).toBe(3);
    await finalizeHours(db.$client, { now });
    expect(await hours(db)).toEqual([
      ["07", 1, true],
      ["08", 1, true],
    ]);
    expect(await verifyRollups(db)).toEqual([]);
    await eraseViewer(db.$client, "stays", { now });
    await finalizeHours(db.$client, { now });
    expect(await hours(db)).toEqual([]);
    expect(await hotModels(db.$client, { halfLife: "1d", limit: 1, now })).toEqual([]);
    expect(modelId).toBeDefined();
  });

  test("of the site and its values answer what they answer from the views; a model's deletion opens them", async ({
    db,
    modelId,
  }) => {
    const other = await aModel(db);
    const [from, to] = [new Date("2026-11-22T07:30:00Z"), new Date("2026-11-22T12:20:00Z")];
    await recordViews(db.$client, [at(other, "08:20:00.000"), at(other, "11:20:00.000", "other's")]);
    await finalizeHours(db.$client, { now });
    const siteOf = (ask: Ask) =>
      spanAudiences(ask, { spans: [{ start: from, end: to }], bots: "exclude" }).then((found) =>
        found.of(ALL),
      );
    const devicesOf = (ask: Ask) => breakdown(ask, { from, to, by: "device", bots: "exclude", limit: 10 });
    const ask = asking(db.$client);
    const expected = [{ views: 6, viewers: 3 }];
    expect(await siteOf(ask)).toEqual(expected);
    expect(await devicesOf(ask)).toMatchObject({ totalViews: 6, items: [{ views: 6, uniqueViews: 3 }] });
    // They are read.
    const client = await db.$client.connect();
    try {
      await client.query(
        "begin; delete from model_views where viewed_at < '2026-11-22T12:00:00Z' and viewed_at >= '2026-11-22T08:00:00Z'",
      );
      expect(await siteOf(asking(client))).toEqual(expected);
      expect(await devicesOf(asking(client))).toMatchObject({ totalViews: 6, items: [{ uniqueViews: 3 }] });
    } finally {
      await client.query("rollback");
      client.release();
    }
    await db.$client.query("delete from models where id = $1", [other]);
    expect(await siteOf(ask)).toEqual([{ views: 4, viewers: 2 }]);
    expect(await devicesOf(ask)).toMatchObject({ totalViews: 4, items: [{ views: 4, uniqueViews: 2 }] });
    expect(await verifyRollups(db)).toEqual([]);
    expect(await finalizeHours(db.$client, { now })).toEqual({ hours: 2, isPostponed: false });
    expect((await db.$client.query("select from changed_hours")).rowCount).toBe(0);
    expect(await siteOf(ask)).toEqual([{ views: 4, viewers: 2 }]);
    expect(await verifyRollups(db)).toEqual([]);
    expect(modelId).toBeDefined();
    // In a snapshot of before an hour was stored.
    await recordViews(db.$client, [at(modelId, "10:20:00.000")]);
    const truncating = await db.$client.connect();
    try {
      await truncating.query("begin isolation level repeatable read; select from models");
      await finalizeHours(db.$client, { now });
      await truncating.query("truncate models cascade; commit");
    } finally {
      truncating.release();
    }
    expect(await siteOf(ask)).toEqual([{ views: 0, viewers: 0 }]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a view that is recorded after its hour was counted, and before it is complete, opens it", async ({
    db,
    modelId,
  }) => {
    await recordViews(db.$client, [at(modelId, "09:15:00.000")]);
    const client = await db.$client.connect();
    try {
      // Storing the hour waits for this row, with all models counted.
      await client.query("begin; insert into site_hours values ('2026-11-22T09:00:00Z', 1, 1, '')");
      const finalizing = finalizeHours(db.$client, { now });
      await vi.waitFor(async () => {
        const { rowCount } = await db.$client.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into site_hours%' and datname = current_database()",
        );
        expect(rowCount).toBe(1);
      });
      // Recording does not wait for it.
      await recordViews(db.$client, [at(modelId, "09:45:00.000")]);
      await client.query("rollback");
      expect(await finalizing).toEqual({ hours: 0, isPostponed: true });
    } finally {
      client.release();
    }
    expect(await viewsOf24Hours(db)).toBe(6);
    expect(await verifyRollups(db)).toEqual([]);
    expect(await finalizeHours(db.$client, { now })).toEqual({ hours: 1, isPostponed: false });
    expect(await hours(db)).toContainEqual(["09", 2, true]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("goes with its model, and waits for no deletion", async ({ db, modelId }) => {
    const other = await aModel(db);
    await recordViews(db.$client, [at(other, "08:15:00.000")]);
    const client = await db.$client.connect();
    try {
      await client.query("begin");
      await client.query("delete from models where id = $1", [other]);
      const patience = { lockTimeoutMs: 60_000, tries: 1, pauseMs: 0 };
      expect(await finalizeHours(db.$client, { now, patience })).toEqual({ hours: 0, isPostponed: true });
      // Not even as an hour that is being counted.
      const { rowCount } = await db.$client.query("select from finalized_hours where not is_complete");
      expect(rowCount).toBe(0);
      await client.query("rollback");
    } finally {
      client.release();
    }
    expect(await finalizeHours(db.$client, { now })).toEqual({ hours: 1, isPostponed: false });
    expect(await hours(db)).toContainEqual(["08", 3, true]);
    expect(await deleteModel(db, modelId)).toBe(true);
    expect(await hours(db)).toEqual([["08", 1, true]]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a view that is recorded while its hour is finalized is in it, or opens it", async ({
    db,
    modelId,
  }) => {
    await db.$client.query("delete from finalized_hours");
    const actions = Array.from({ length: 25 }, (_, n) =>
      n % 5 === 0
        ? () => finalizeHours(db.$client, { now })
        : () =>
            recordViews(db.$client, [at(modelId, `08:${n + 10}:00.000`), at(modelId, `07:${n + 10}:00.000`)]),
    );
    await Promise.all(actions.map((action) => action()));
    expect(await viewsOf24Hours(db)).toBe(44);
    expect(await verifyRollups(db)).toEqual([]);
    await finalizeHours(db.$client, { now });
    expect(await hours(db)).toEqual([
      ["07", 21, true],
      ["08", 22, true],
    ]);
  });

  test("finalizing waits for a recording that has begun, and leaves the hour to the next run if it takes too long", async ({
    db,
    modelId,
  }) => {
    const later = new Date(now.getTime() + 3_600_000);
    const client = await db.$client.connect();
    try {
      await client.query("begin");
      await recordViews(client, [at(modelId, "12:10:00.000")]);
      const patience = { lockTimeoutMs: 50, tries: 1, pauseMs: 0 };
      expect(await finalizeHours(db.$client, { now: later, patience })).toEqual({
        hours: 0,
        isPostponed: true,
      });
      await client.query("commit");
    } finally {
      client.release();
    }
    expect(await finalizeHours(db.$client, { now: later })).toEqual({ hours: 1, isPostponed: false });
    expect(await hours(db)).toContainEqual(["12", 2, true]);
  });

  test("old hours are deleted, and are not made again for late views", async ({ db, modelId }) => {
    const later = new Date(now.getTime() + 9 * 86_400_000);
    await recordViews(db.$client, [at(modelId, "08:15:00.000")]);
    await finalizeHours(db.$client, { now: later });
    expect(await hours(db)).toEqual([]);
    expect((await db.$client.query("select from finalized_hours where hour < $1", [now])).rowCount).toBe(0);
  });
});

describe("the parts of a recent period", () => {
  const hour = (h: number, minute = 0) => new Date(Date.UTC(2026, 10, 22, h, minute));
  base.for([
    ["no finalized hour", [], [], [{ start: hour(8, 30) }]],
    [
      "a cut hour, finalized ones, and the rest",
      [9, 10],
      [9, 10],
      [{ start: hour(8, 30), end: hour(9) }, { start: hour(11) }],
    ],
    [
      "an hour that is open again",
      [9, 11],
      [9, 11],
      [{ start: hour(8, 30), end: hour(9) }, { start: hour(10), end: hour(11) }, { start: hour(12) }],
    ],
    ["too many open hours", [9, 11, 13, 15, 17, 19], [], [{ start: hour(8, 30) }]],
  ] as const)("%s", ([, finalized, expected, spans]) => {
    expect(
      partsSince(
        hour(8, 30),
        finalized.map((each) => hour(each)),
      ),
    ).toEqual({
      finalized: expected.map((each) => hour(each)),
      spans,
    });
  });
});
