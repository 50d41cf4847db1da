import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { pruneViewers } from "@model-views/db/maintenance/prune-viewers.ts";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { modelStats } from "@model-views/db/stats/model-stats.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
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
const until = new Date("2031-05-15T12:05:00Z");
const retention = { now, retentionDays: 90 };
const at = (day: string) => `${day}T10:00:00.000Z`;

/** Partitions from 2030-12 on, a model, and views of it by a viewer on a day. */
const test = base.extend<{ modelId: string; by: (viewer: string, day: string) => ReturnType<typeof aView> }>({
  modelId: async ({ db }, use) => {
    await makeMonths(db, { now, monthsBack: 5 });
    await use(await aModel(db));
  },
  by: async ({ modelId }, use) => {
    await use((viewerIdentifier, day) => aView({ modelId, viewerIdentifier, viewedAt: at(day) }));
  },
});

/** Rows in which a viewer is named, of all tables that there are: a new one is looked into by itself. */
async function rowsOf(db: Db, viewer: string): Promise<number> {
  const { rows: tables } = await db.$client.query<{ name: string }>(
    "select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
  );
  const named = `(^|[^a-z0-9])${viewer}([^a-z0-9]|$)`;
  const counts = tables.map(({ name }) => `select count(*)::int as rows from ${name} t where t::text ~ $1`);
  const { rows } = await db.$client.query<{ rows: number }>(
    `select sum(rows)::int as rows from (${counts.join(" union all ")}) as counts`,
    [named],
  );
  return rows[0]?.rows ?? 0;
}

const nothing = { views: 0, rejectedViews: 0, models: 0, until };

describe("eraseViewer", () => {
  test("removes a viewer from every table and partition, and corrects every count", async ({
    db,
    modelId,
    by,
  }) => {
    const other = await aModel(db);
    const views = [
      by("erased", "2015-05-20"),
      by("erased", "2031-03-01"),
      by("erased", "2031-05-15"),
      aView({ modelId: other, viewerIdentifier: "erased", viewedAt: at("2031-04-01") }),
      aView({ modelId, viewerIdentifier: "erased", viewedAt: at("2031-05-01"), isBot: true }),
      aView({ viewerIdentifier: "erased", viewedAt: at("2031-05-01") }),
      by("stays", "2031-03-01"),
      by("stays", "2031-05-14"),
    ];
    await recordViews(db.$client, views);
    expect(await eraseViewer(db.$client, "erased", { now })).toEqual({
      views: 5,
      rejectedViews: 1,
      models: 2,
      until,
    });
    expect(await rowsOf(db, "erased")).toBe(0);
    expect(await modelStats(db, modelId)).toEqual({
      modelId,
      totalViews: 2,
      uniqueViews: 1,
      lastViewedAt: at("2031-05-14"),
    });
    expect(await modelStats(db, other)).toEqual({
      modelId: other,
      totalViews: 0,
      uniqueViews: 0,
      lastViewedAt: null,
    });
    expect(await verifyRollups(db)).toEqual([]);

    expect(await eraseViewer(db.$client, "erased", { now })).toEqual(nothing);
    expect(await recordViews(db.$client, views)).toEqual({
      unkept: 0,
      inserted: 0,
      duplicates: 2,
      rejected: 0,
      erased: 6,
    });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a viewer who returns later is counted again", async ({ db, modelId, by }) => {
    await recordViews(db.$client, [by("erased", "2031-05-01")]);
    await eraseViewer(db.$client, "erased", { now });
    const later = aView({ modelId, viewerIdentifier: "erased", viewedAt: "2031-05-15T12:05:00.001Z" });
    expect(await recordViews(db.$client, [later])).toMatchObject({ inserted: 1, erased: 0 });
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 1, uniqueViews: 1 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("notes an unknown viewer, and never undoes what was noted", async ({ db, by }) => {
    expect(await eraseViewer(db.$client, "stranger", { now })).toEqual(nothing);
    const earlier = new Date("2031-01-01T00:00:00Z");
    expect(await eraseViewer(db.$client, "stranger", { now: earlier })).toEqual(nothing);
    expect(await recordViews(db.$client, [by("stranger", "2031-05-15")])).toMatchObject({ erased: 1 });
  });

  test("leaves viewers of other spellings alone", async ({ db, by }) => {
    await recordViews(db.$client, [by("Anna", "2031-05-01"), by("anna ", "2031-05-01")]);
    expect(await eraseViewer(db.$client, "anna", { now })).toEqual(nothing);
    expect(await eraseViewer(db.$client, "Ann%", { now })).toEqual(nothing);
    expect(await recordViews(db.$client, [by("Anna", "2031-05-02")])).toMatchObject({ inserted: 1 });
  });

  test("leaves anonymous what retention has removed: counted, without a viewer", async ({
    db,
    modelId,
    by,
  }) => {
    await recordViews(db.$client, [
      by("erased", "2031-01-10"),
      by("erased", "2031-05-01"),
      by("stays", "2031-01-05"),
    ]);
    await dropExpiredPartitions(db.$client, retention);
    expect(await eraseViewer(db.$client, "erased", { now })).toMatchObject({ views: 1, models: 1 });
    expect(await rowsOf(db, "erased")).toBe(0);
    // That there was a view on the tenth is still known, and when on that day is not.
    expect(await modelStats(db, modelId)).toEqual({
      modelId,
      totalViews: 2,
      uniqueViews: 2,
      lastViewedAt: "2031-01-10T00:00:00.000Z",
    });
    expect(await verifyRollups(db)).toEqual([]);
    expect(await pruneViewers(db.$client, retention)).toEqual({ viewers: 1, views: 1 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("removes a viewer whose views are all retired", async ({ db, modelId, by }) => {
    await recordViews(db.$client, [by("erased", "2031-01-10")]);
    await dropExpiredPartitions(db.$client, retention);
    expect(await eraseViewer(db.$client, "erased", { now })).toMatchObject({ views: 0, models: 1 });
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 1, lastViewedAt: at("2031-01-10") });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test.for(["a new connection", "a connection with a kept plan"] as const)(
    "what waits on %s while its viewer is erased is not stored, what began before is erased",
    async (connections, { db, modelId, by }) => {
      await CONNECTIONS[connections](db, modelId);
      const other = await aModel(db);
      await whileHolding(
        db,
        (holder) => makeViewer(holder, modelId, "erased"),
        async (_release, undo) => {
          const first = recordViews(db.$client, [by("erased", "2031-05-01")]);
          await expect.poll(() => waitingForLocks(db)).toBe(1);
          const patience = { lockTimeoutMs: 15_000, tries: 1, pauseMs: 0 };
          const erased = eraseViewer(db.$client, "erased", { now, patience });
          await expect.poll(() => waitingForLocks(db)).toBe(2);
          const second = recordViews(db.$client, [
            aView({ modelId: other, viewerIdentifier: "erased", viewedAt: at("2031-05-02") }),
          ]);
          await expect.poll(() => waitingForLocks(db)).toBe(3);
          await undo();
          expect(await first).toMatchObject({ inserted: 1 });
          expect(await erased).toMatchObject({ views: 1, models: 1 });
          expect(await second).toMatchObject({ inserted: 0, erased: 1 });
        },
      );
      expect(await rowsOf(db, "erased")).toBe(0);
      expect(await verifyRollups(db)).toEqual([]);
    },
  );

  test("gives up soon, with everything as it was, when a lock does not come", async ({ db, by }) => {
    await recordViews(db.$client, [by("erased", "2031-05-01")]);
    const patience = { lockTimeoutMs: 20, tries: 2, pauseMs: 1 };
    await whileHolding(
      db,
      (holder) => holder.query("select from erased_viewers"),
      async () => {
        await expect(eraseViewer(db.$client, "erased", { now, patience })).rejects.toMatchObject({
          code: "55P03",
        });
      },
    );
    expect(await viewsByPartition(db)).toEqual({ model_views_2031_05: 1 });
    expect(await recordViews(db.$client, [by("erased", "2031-05-02")])).toMatchObject({ inserted: 1 });
  });

  test("runs beside workers, retention and deletions of models: no viewer comes back, every count is right", async ({
    db,
    modelId,
  }) => {
    const models = [modelId, await aModel(db), await aModel(db)];
    const viewers = ["erased 1", "erased 2", "erased 3", "kept 1", "kept 2"];
    const days = ["2015-05-20", "2031-01-10", "2031-04-10", "2031-05-10"];
    let isRecording = true;
    const workers = Array.from({ length: 3 }, async () => {
      for (let round = 0; round < 25; round += 1) {
        await recordViews(
          db.$client,
          Array.from({ length: 40 }, (_, i) =>
            aView({
              modelId: models[(i + round) % 3] ?? "",
              viewerIdentifier: viewers[(i * 3 + round) % 5] ?? "",
              viewedAt: at(days[(i * 7 + round) % 4] ?? ""),
              ...(i % 9 === 0 ? { isBot: true } : {}),
            }),
          ),
        );
      }
    });
    const others = [
      async (round: number) => eraseViewer(db.$client, viewers[round % 3] ?? "", { now }),
      async () => [
        await dropExpiredPartitions(db.$client, retention),
        await pruneViewers(db.$client, retention),
      ],
      async () => deleteModel(db, await aModel(db, { id: models[2] ?? "" })),
    ].map(async (act) => {
      for (let round = 0; isRecording || round < 3; round += 1) await act(round);
    });
    await Promise.all(workers).finally(() => {
      isRecording = false;
    });
    await Promise.all(others);
    for (const erased of viewers.slice(0, 3)) expect(await rowsOf(db, erased), erased).toBe(0);
    expect(await rowsOf(db, "kept 1")).toBeGreaterThan(0);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("ten thousand views of one viewer are one erasure", async ({ db, modelId }) => {
    const views = (viewerIdentifier: string) =>
      Array.from({ length: 5_000 }, (_, i) =>
        aView({ modelId, viewerIdentifier, viewedAt: at(i % 2 ? "2031-03-01" : "2015-05-20") }),
      );
    for (const viewer of ["erased", "erased", "stays"]) await recordViews(db.$client, views(viewer));
    expect(await eraseViewer(db.$client, "erased", { now })).toMatchObject({ views: 10_000, models: 1 });
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 5_000, uniqueViews: 1 });
    expect(await verifyRollups(db)).toEqual([]);
  });
});
