import { recordViews } from "@model-views/db/recording/record-views.ts";
import { redriveNewModels } from "@model-views/db/rejected/redrive-new-models.ts";
import { countUnknown, trimUnknown } from "@model-views/db/rejected/trim-unknown.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

type Db = Parameters<typeof aModel>[0];

const none = { inserted: 0, duplicates: 0, rejected: 0, unkept: 0, erased: 0 };
const unkept = async (db: Db) => {
  const { rows } = await db.$client.query(
    "select reason, sum(views)::int as views from unkept_views group by 1",
  );
  return rows;
};
const modelOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

describe("views of models that do not exist", () => {
  test("are kept up to the limits, people's before bots', and counted beyond them; others are stored all the same", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    const bots = Array.from({ length: 5 }, () => aView({ isBot: true }));
    const people = Array.from({ length: 4 }, () => aView());
    const stored = aView({ modelId });
    const batch = [...bots, stored, ...people];
    expect(await recordViews(db.$client, batch, { views: 7, bots: 6 })).toEqual({
      ...none,
      inserted: 1,
      rejected: 6,
      unkept: 3,
    });
    const { rows } = await db.$client.query(
      "select count(*) filter (where payload->>'isBot' is null)::int as people, count(*)::int as all from rejected_views",
    );
    expect(rows).toEqual([{ people: 4, all: 6 }]);
    expect(await unkept(db)).toEqual([{ reason: "unknown_model", views: 3 }]);
  });

  test("that are there already are duplicates, however low the limits are", async ({ db }) => {
    const batch = [aView(), aView()];
    expect(await recordViews(db.$client, batch)).toEqual({ ...none, rejected: 2 });
    expect(await recordViews(db.$client, [...batch, aView()], { views: 0, bots: 0 })).toEqual({
      ...none,
      duplicates: 2,
      unkept: 1,
    });
    expect(await unkept(db)).toEqual([{ reason: "unknown_model", views: 1 }]);
  });

  test("of a retired month are kept past the limits: only a server can send them", async ({ db }) => {
    await db.$client.query("insert into retired_months (month) values ('2026-02-01')");
    const old = aView({ viewedAt: "2026-02-14T00:00:00.000Z" });
    expect(await recordViews(db.$client, [old], { views: 0, bots: 0 })).toEqual({ ...none, rejected: 1 });
  });

  test("are no more than those: views of a model that is locked are kept past the limits, and are redriven", async ({
    db,
  }) => {
    const held = await aModel(db);
    const batch = [aView({ modelId: held }), aView(), aView({ modelId: held, isBot: true })];
    const noRoom = { views: 0, bots: 0 };
    const holder = await db.$client.connect();
    try {
      await holder.query("begin");
      await holder.query("select from models where id = $1 for update", [held]);
      expect(await recordViews(db.$client, batch, noRoom)).toEqual({ ...none, rejected: 2, unkept: 1 });
      expect(await recordViews(db.$client, batch, noRoom)).toEqual({ ...none, duplicates: 2, unkept: 1 });
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 2, inserted: 2 });
  });

  test("are redriven when the model is made, as far as they are kept", async ({ db }) => {
    const [kept, left] = [aView(), aView()];
    await recordViews(db.$client, [kept], { views: 1, bots: 1 });
    await recordViews(db.$client, [left], { views: 0, bots: 0 });
    await aModel(db, { id: kept.modelId });
    await aModel(db, { id: left.modelId });
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 1, inserted: 1 });
  });
});

describe("trimUnknown", () => {
  test("deletes what is too old by PostgreSQL's clock and nothing else, and counts it", async ({ db }) => {
    const [old, fresh] = [aView(), aView()];
    await recordViews(db.$client, [old, fresh]);
    await db.$client.query(
      "update rejected_views set rejected_at = now() - interval '31 days' where id = $1",
      [old.id],
    );
    const refused = aView();
    await recordViews(db.$client, [refused]);
    await db.$client.query(
      "update rejected_views set reason = 'refused', rejected_at = now() - interval '60 days' where id = $1",
      [refused.id],
    );
    expect(await trimUnknown(db.$client, { viewsMax: 10, days: 30 })).toEqual({ tooOld: 1, tooMany: 0 });
    expect(await unkept(db)).toEqual([{ reason: "unknown_model", views: 1 }]);
    const { rows } = await db.$client.query("select id from rejected_views");
    expect(rows.map(({ id }) => id).sort()).toEqual([fresh.id, refused.id].sort());
    expect(await trimUnknown(db.$client, { viewsMax: 10, days: 30 })).toEqual({ tooOld: 0, tooMany: 0 });
  });

  test("where there are too many, takes from the model that has most of them first, then the oldest", async ({
    db,
  }) => {
    const typo = Array.from({ length: 60 }, () => aView({ modelId: modelOf(0) }));
    const others = Array.from({ length: 50 }, (_, n) => aView({ modelId: modelOf(n + 1) }));
    await recordViews(db.$client, [...typo, ...others]);
    await db.$client.query(
      "update rejected_views set rejected_at = now() - interval '1 day' where model_id = any($1)",
      [[1, 2, 3].map(modelOf)],
    );
    expect(await trimUnknown(db.$client, { viewsMax: 100, days: 30 })).toEqual({ tooOld: 0, tooMany: 50 });
    expect(await countUnknown(db.$client)).toBe(60);

    expect(await trimUnknown(db.$client, { viewsMax: 50, days: 30 })).toEqual({ tooOld: 0, tooMany: 15 });
    const { rows } = await db.$client.query("select model_id from rejected_views");
    expect(rows).toHaveLength(45);
    const left = new Set(rows.map(({ model_id: id }) => id));
    for (const n of [1, 2, 3]) expect(left).not.toContain(modelOf(n));
    expect(await unkept(db)).toEqual([{ reason: "unknown_model", views: 65 }]);
  });

  test("leaves views of models that exist by now, which wait to be redriven, and deletes the others all the same", async ({
    db,
  }) => {
    const modelId = modelOf(0);
    const waiting = Array.from({ length: 12 }, () => aView({ modelId }));
    const old = [aView({ modelId }), aView()];
    await recordViews(db.$client, [...waiting, ...old, ...Array.from({ length: 8 }, () => aView())]);
    await db.$client.query(
      "update rejected_views set rejected_at = now() - interval '31 days' where id = any($1)",
      [old.map(({ id }) => id)],
    );
    await aModel(db, { id: modelId });
    expect(await trimUnknown(db.$client, { viewsMax: 10, days: 30 })).toEqual({ tooOld: 1, tooMany: 8 });
    expect(await unkept(db)).toEqual([{ reason: "unknown_model", views: 9 }]);
    expect(await redriveNewModels(db.$client)).toMatchObject({ taken: 13, inserted: 13 });
  });

  test("leaves what is being redriven", async ({ db }) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    const other = await db.$client.connect();
    await other.query("begin; select from rejected_views for update");
    expect(await trimUnknown(db.$client, { viewsMax: 0, days: 30 })).toEqual({ tooOld: 0, tooMany: 0 });
    await other.query("rollback");
    other.release();
    expect(await trimUnknown(db.$client, { viewsMax: 0, days: 30 })).toEqual({ tooOld: 0, tooMany: 1 });
  });
});
