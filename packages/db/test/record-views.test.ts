import { randomUUID } from "node:crypto";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { redriveNewModels } from "@model-views/db/rejected/redrive-new-models.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { modelStats } from "@model-views/db/stats/model-stats.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import fc from "fast-check";
import { describe, expect } from "vitest";

/** What `aView` makes up. */
type Identity = "id" | "viewerIdentifier" | "viewedAt";

const none = { inserted: 0, duplicates: 0, rejected: 0, unkept: 0, erased: 0 };

describe("recordViews", () => {
  test("does not wait for a deletion of a model: its views are redriven if it stays, the others are stored at once", async ({
    db,
  }) => {
    const [leaving, staying] = await Promise.all([aModel(db), aModel(db)]);
    const deleting = await db.$client.connect();
    await deleting.query("begin");
    await deleting.query("delete from models where id = $1", [leaving]);
    const views = [aView({ modelId: leaving }), aView({ modelId: staying })];
    expect(await recordViews(db.$client, views)).toMatchObject({ inserted: 1, rejected: 1 });
    await deleting.query("rollback");
    deleting.release();
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 1, inserted: 1 });
  });

  test("a batch recorded twice is counted once", async ({ db }) => {
    const modelId = await aModel(db);
    const batch = [aView({ modelId }), aView({ modelId })];
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, inserted: 2 });
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, duplicates: 2 });
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 2 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("the same view twice in one batch is counted once", async ({ db }) => {
    const view = aView({ modelId: await aModel(db) });
    expect(await recordViews(db.$client, [view, view])).toEqual({ ...none, inserted: 1, duplicates: 1 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("the same batch recorded by several workers at once is counted once", async ({ db }) => {
    const models = await Promise.all([aModel(db), aModel(db), aModel(db)]);
    const batch = Array.from({ length: 300 }, (_, i) => aView({ modelId: models[i % 3] ?? "" }));
    const results = await Promise.all(
      [batch, batch.toReversed(), batch, batch.toReversed()].map((views) => recordViews(db.$client, views)),
    );
    expect(results.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(300);
    expect(results.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(900);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a viewer who comes back is one unique viewer, seen last at the latest time in any order", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    const viewedAt = (minute: number) => `2026-03-01T10:0${minute}:00.000Z`;
    const by = (viewerIdentifier: string, minute: number) =>
      aView({ modelId, viewerIdentifier, viewedAt: viewedAt(minute) });
    await recordViews(db.$client, [by("a", 5), by("a", 1)]);
    await recordViews(db.$client, [by("a", 3), by("b", 2)]);
    expect(await modelStats(db, modelId)).toEqual({
      modelId,
      totalViews: 4,
      uniqueViews: 2,
      lastViewedAt: viewedAt(5),
    });
    const { rows } = await db.$client.query(
      "select viewer_identifier, views::int, first_viewed_at, last_viewed_at from model_viewers order by 1",
    );
    expect(rows).toEqual([
      {
        viewer_identifier: "a",
        views: 3,
        first_viewed_at: new Date(viewedAt(1)),
        last_viewed_at: new Date(viewedAt(5)),
      },
      {
        viewer_identifier: "b",
        views: 1,
        first_viewed_at: new Date(viewedAt(2)),
        last_viewed_at: new Date(viewedAt(2)),
      },
    ]);
  });

  test("days are counted in UTC", async ({ db }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [
      aView({ modelId, viewedAt: "2026-03-01T23:59:59.999Z" }),
      aView({ modelId, viewedAt: "2026-03-02T00:00:00.000Z" }),
      aView({ modelId, viewedAt: "2026-03-02T12:00:00.000Z" }),
    ]);
    const { rows } = await db.$client.query("select day::text, views::int from model_days order by day");
    expect(rows).toEqual([
      { day: "2026-03-01", views: 1 },
      { day: "2026-03-02", views: 2 },
    ]);
  });

  test("a view of an unknown model is rejected with its reason, and its neighbours are stored", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    const stray = aView({ ipAddress: "192.0.2.0", userAgent: "A browser", isBot: true });
    const batch = [aView({ modelId }), stray, aView({ modelId })];
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, inserted: 2, rejected: 1 });
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, duplicates: 3 });
    const { rows } = await db.$client.query("select * from rejected_views");
    const { ipAddress, viewedAt, ...kept } = stray;
    expect(rows).toMatchObject([
      { id: stray.id, model_id: stray.modelId, reason: "unknown_model", payload: kept },
    ]);
    expect(rows[0].payload).not.toHaveProperty("ipAddress");
    expect(new Date(rows[0].payload.viewedAt).toISOString()).toBe(viewedAt);
  });

  test("a view of a retired month is rejected, whether its model exists or not; its neighbours are stored", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    await db.$client.query("insert into retired_months (month) values ('2026-02-01')");
    const first = aView({ modelId, viewedAt: "2026-02-01T00:00:00.000Z" });
    const last = aView({ modelId, viewedAt: "2026-02-28T23:59:59.999Z", ipAddress: "192.0.2.0" });
    const batch = [
      aView({ modelId, viewedAt: "2026-01-31T23:59:59.999Z" }),
      first,
      last,
      aView({ viewedAt: "2026-02-14T00:00:00.000Z" }),
      aView({ modelId, viewedAt: "2026-03-01T00:00:00.000Z" }),
    ];
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, inserted: 2, rejected: 3 });
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, duplicates: 5 });
    const { rows } = await db.$client.query(
      "select reason, count(*)::int as views, bool_or(payload::jsonb ? 'ipAddress') as addresses from rejected_views group by 1",
    );
    expect(rows).toEqual([{ reason: "past_retention", views: 3, addresses: false }]);
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 2 });
  });

  test("views of an erased viewer from before the erasure are kept nowhere, later ones are stored", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    const viewerIdentifier = `müller \\x41 🙂`;
    const until = "2026-03-01T10:00:00.000Z";
    await db.$client.query("insert into erased_viewers values (sha256(convert_to($1, 'UTF8')), $2)", [
      viewerIdentifier,
      until,
    ]);
    const batch = [
      aView({ modelId, viewerIdentifier, viewedAt: "1999-01-01T00:00:00.000Z" }),
      aView({ modelId, viewerIdentifier, viewedAt: until }),
      aView({ viewerIdentifier, viewedAt: until }),
      aView({ modelId, viewerIdentifier, viewedAt: "2026-03-01T10:00:00.001Z" }),
      aView({ modelId, viewedAt: until }),
    ];
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, inserted: 2, erased: 3 });
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, duplicates: 2, erased: 3 });
    expect((await db.$client.query("select from rejected_views")).rowCount).toBe(0);
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 2 });
  });

  test("every field of a view is stored as it was sent", async ({ db }) => {
    const view = aView({
      modelId: await aModel(db),
      viewedAtReplaced: true,
      ipAddress: "2001:db8:1::",
      userAgent: `A "quoted" {browser}, \\ with NULL and ünïcödé 🙂`,
      country: "DE",
      device: "mobile",
      browser: "Firefox",
      os: "Android",
      referrerHost: "example.org",
      utmSource: "news'letter",
      utmMedium: "mail",
      utmCampaign: "null",
      isBot: true,
    } satisfies Required<Omit<ViewEvent, Identity>>);
    await recordViews(db.$client, [view]);
    const { rows } = await db.$client.query("select * from model_views");
    expect(rows).toEqual([
      {
        id: view.id,
        model_id: view.modelId,
        viewer_identifier: view.viewerIdentifier,
        viewed_at: new Date(view.viewedAt),
        viewed_at_replaced: true,
        ip_address: view.ipAddress,
        user_agent: view.userAgent,
        country: "DE",
        device: "mobile",
        browser: "Firefox",
        os: "Android",
        referrer_host: "example.org",
        utm_source: "news'letter",
        utm_medium: "mail",
        utm_campaign: "null",
        is_bot: true,
      },
    ]);
  });

  test("views of bots are stored and in no rollup", async ({ db }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId, isBot: true }), aView({ modelId })]);
    await recordViews(db.$client, [aView({ modelId, isBot: true })]);
    expect(await modelStats(db, modelId)).toMatchObject({ totalViews: 1, uniqueViews: 1 });
    const { rows } = await db.$client.query("select count(*)::int as stored from model_views");
    expect(rows).toEqual([{ stored: 3 }]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("views long before and long after this month are stored too", async ({ db }) => {
    const modelId = await aModel(db);
    const batch = ["1999-12-31T00:00:00.000Z", "2015-05-20T21:05:35.000Z", "2099-01-01T00:00:00.000Z"].map(
      (viewedAt) => aView({ modelId, viewedAt }),
    );
    expect(await recordViews(db.$client, batch)).toMatchObject({ inserted: 3 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a model deleted while its views are recorded takes them along or leaves them rejected", async ({
    db,
  }) => {
    const kept = await aModel(db);
    for (let round = 0; round < 20; round += 1) {
      const deleted = await aModel(db);
      const batch = [aView({ modelId: kept }), aView({ modelId: deleted }), aView({ modelId: deleted })];
      const [recorded] = await Promise.all([recordViews(db.$client, batch), deleteModel(db, deleted)]);
      expect([0, 2]).toContain(recorded.rejected);
      const { rows } = await db.$client.query(
        "select count(*)::int as left from model_views where model_id = $1",
        [deleted],
      );
      expect(rows).toEqual([{ left: 0 }]);
    }
    expect(await modelStats(db, kept)).toMatchObject({ totalViews: 20 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("any batches, in any order and repeated, leave rollups that equal the raw views", async ({ db }) => {
    const models = [await aModel(db), await aModel(db), randomUUID()];
    const view = fc.record({
      id: fc.integer({ min: 0, max: 30 }),
      model: fc.integer({ min: 0, max: 2 }),
      viewer: fc.integer({ min: 0, max: 4 }),
      hour: fc.integer({ min: 0, max: 60 }),
      isBot: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(view, { minLength: 1, maxLength: 12 }), { maxLength: 6 }),
        async (batches) => {
          await Promise.all(
            batches.map((batch) =>
              recordViews(
                db.$client,
                batch.map(({ id, model, viewer, hour, isBot }) =>
                  aView({
                    id: `00000000-0000-4000-8000-0000000000${String(id).padStart(2, "0")}`,
                    modelId: models[model] ?? "",
                    viewerIdentifier: `viewer ${viewer}`,
                    viewedAt: new Date(Date.UTC(2026, 1, 27, hour)).toISOString(),
                    ...(isBot ? { isBot } : {}),
                  }),
                ),
              ),
            ),
          );
          expect(await verifyRollups(db)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
