import { putModel } from "@model-views/db/models/put-model.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { redriveNewModels } from "@model-views/db/rejected/redrive-new-models.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

type Db = Parameters<typeof verifyRollups>[0];

async function storedAndRejected(db: Db) {
  const { rows } = await db.$client.query(
    "select (select count(*)::int from model_views) as stored, (select count(*)::int from rejected_views) as rejected",
  );
  return rows[0];
}

describe("redriveNewModels", () => {
  test("stores the views of a model that exists by now, with all that was known of them, and no others", async ({
    db,
  }) => {
    const known = aView({
      viewedAt: "2026-11-20T10:00:00.123Z",
      country: "DE",
      device: "mobile",
      browser: "Safari",
      os: "iOS",
      referrerHost: "models.example",
      utmSource: "news",
      userAgent: "a browser",
      isBot: true,
      viewedAtReplaced: true,
    });
    const { modelId } = known;
    const batch = [known, aView({ modelId }), aView({ modelId }), aView()];
    await recordViews(db.$client, batch);
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 0 });
    await aModel(db, { id: modelId });
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 3, inserted: 3 });
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 0 });
    expect(await storedAndRejected(db)).toEqual({ stored: 3, rejected: 1 });
    const { rows } = await db.$client.query("select * from model_views where id = $1", [known.id]);
    expect(rows[0]).toMatchObject({
      viewed_at: new Date(known.viewedAt),
      viewed_at_replaced: true,
      country: "DE",
      device: "mobile",
      browser: "Safari",
      os: "iOS",
      referrer_host: "models.example",
      utm_source: "news",
      user_agent: "a browser",
      is_bot: true,
      viewer_identifier: known.viewerIdentifier,
    });
    // Sending them again adds nothing.
    expect(await recordViews(db.$client, batch)).toMatchObject({ inserted: 0 });
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("redrives more than one batch", async ({ db }) => {
    const modelId = await aModel(db);
    await db.$client.query("delete from models");
    await recordViews(
      db.$client,
      Array.from({ length: 1_203 }, () => aView({ modelId })),
    );
    await aModel(db, { id: modelId });
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 1_203, inserted: 1_203 });
    expect(await storedAndRejected(db)).toEqual({ stored: 1_203, rejected: 0 });
  });

  test("leaves a view that was refused, though its model exists", async ({ db }) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    await db.$client.query("update rejected_views set reason = 'refused', sqlstate = '22021'");
    await aModel(db, { id: view.modelId });
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 0 });
  });

  test("keeps one that PostgreSQL refuses, with the SQLSTATE, and redrives all around it and of other models", async ({
    db,
  }) => {
    const [one = "", other = ""] = [aView().modelId, aView().modelId].sort();
    const views = Array.from({ length: 40 }, () => aView({ modelId: one, country: "DE" }));
    const bad = views[17] ?? aView();
    bad.country = "ZZ";
    await recordViews(db.$client, [...views, aView({ modelId: other })]);
    await db.$client.query("alter table model_views add constraint no_zz check (country <> 'ZZ')");
    await Promise.all([aModel(db, { id: one }), aModel(db, { id: other })]);
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 40, inserted: 40 });
    const { rows } = await db.$client.query("select id, reason, sqlstate from rejected_views");
    expect(rows).toEqual([{ id: bad.id, reason: "refused", sqlstate: "23514" }]);
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 0 });
  });

  test("two at once refuse the view that PostgreSQL refuses, and no other", async ({ db }) => {
    const { modelId } = aView();
    const views = Array.from({ length: 30 }, (_, index) =>
      aView({ modelId, country: index % 10 === 3 ? "ZZ" : "DE" }),
    );
    await recordViews(db.$client, views);
    await db.$client.query("alter table model_views add constraint no_zz check (country <> 'ZZ')");
    await aModel(db, { id: modelId });
    await Promise.all([1, 2, 3].map(() => redriveNewModels(db.$client)));
    await redriveNewModels(db.$client);
    const { rows } = await db.$client.query(
      "select distinct payload ->> 'country' as country from rejected_views",
    );
    expect(rows).toEqual([{ country: "ZZ" }]);
    expect(await storedAndRejected(db)).toEqual({ stored: 27, rejected: 3 });
  });

  test("a payload that is no view keeps no other from coming back", async ({ db }) => {
    const views = [aView(), aView()];
    await recordViews(db.$client, views);
    await db.$client.query("update rejected_views set payload = '{}' where id = $1", [views[0]?.id]);
    for (const { modelId } of views) await aModel(db, { id: modelId });
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 1, inserted: 1 });
    const { rows } = await db.$client.query("select id, reason, message from rejected_views");
    expect(rows).toEqual([{ id: views[0]?.id, reason: "refused", message: "the payload is no view" }]);
  });

  test("redrives all or nothing: what could not be recorded stays rejected", async ({ db }) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    await aModel(db, { id: view.modelId });
    await db.$client.query("alter table model_days rename to mislaid");
    await expect(redriveNewModels(db.$client)).rejects.toThrow(/model_days/);
    expect((await db.$client.query("select 1 from rejected_views")).rowCount).toBe(1);
    await db.$client.query("alter table mislaid rename to model_days");
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 1, inserted: 1 });
  });

  test("loses and doubles nothing while models come and go under it, in several processes at once", async ({
    db,
  }) => {
    const ids = await Promise.all([aModel(db), aModel(db), aModel(db)]);
    const sent: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const [modelId = "", other = ""] = [ids[round % 3], ids[(round + 1) % 3]];
      const views = Array.from({ length: 20 }, (_, i) => aView({ modelId: i % 2 ? modelId : other }));
      sent.push(...views.map(({ id }) => id));
      await db.$client.query("delete from models where id = $1", [modelId]);
      await Promise.all([
        recordViews(db.$client, views),
        putModel(db, { id: modelId, name: "Anna", category: null }),
        redriveNewModels(db.$client),
        redriveNewModels(db.$client),
        recordViews(db.$client, views),
      ]);
      // A deletion takes stored views along: those are not lost.
      const { rows } = await db.$client.query(
        "select id from model_views where id = any($1) union all select id from rejected_views where id = any($1)",
        [views.map(({ id }) => id)],
      );
      expect(new Set(rows.map(({ id }) => id)).size).toBe(views.length);
    }
    await redriveNewModels(db.$client);
    const { rows } = await db.$client.query<{ id: string; count: number }>(
      "select id, count(*)::int as count from model_views group by 1 having count(*) > 1",
    );
    expect(rows).toEqual([]);
    expect(await verifyRollups(db)).toEqual([]);
  });
});
