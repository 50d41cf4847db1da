import { readFile } from "node:fs/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { sql, toQuery } from "@model-views/db/postgres/sql.ts";
import { mergedScores, scoresAnew } from "@model-views/db/recording/hot-score.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { hotModels } from "@model-views/db/stats/hot-models.ts";
import { risingModels } from "@model-views/db/stats/rising-models.ts";
import { topModels } from "@model-views/db/stats/top-models.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const now = new Date("2026-11-22T12:00:00Z");
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const before = (ms: number, end = now) => new Date(end.getTime() - ms).toISOString();

type Scores = { hot_1h: number; hot_1d: number; hot_7d: number };
const scoresOf = async (db: Db, modelId: string) => {
  const { rows } = await db.$client.query<Scores>(
    "select hot_1h, hot_1d, hot_7d from model_totals where model_id = $1",
    [modelId],
  );
  return rows[0];
};

const areClose = (found: Scores | undefined, expected: Scores | undefined) => {
  for (const column of ["hot_1h", "hot_1d", "hot_7d"] as const) {
    expect(found?.[column], column).toBeCloseTo(expected?.[column] ?? Number.NaN, 9);
  }
};

/** The scores of a model, counted from its views. */
const countedAnew = async (db: Db, modelId: string) => {
  const { rows } = await db.$client.query<Scores>(toQuery(scoresAnew(sql`model_id = ${modelId}`, [])));
  return rows[0];
};

/** Views at regular times before `now`, and the rollups that the migration to hot models found. */
async function makeViews(
  db: Db,
  { modelId, views, from, days }: { modelId: string; views: number; from: number; days: number },
): Promise<void> {
  await db.$client.query(
    `insert into model_views (id, model_id, viewer_identifier, viewed_at)
     select gen_random_uuid(), $1, 'viewer', $2::timestamptz - (n + 0.5) / $3::float8 * $4::float8 * interval '1 day'
     from generate_series(0, $3::int - 1) n`,
    [modelId, new Date(now.getTime() - from), views, days],
  );
}

/** What the migration does to a database with views. */
async function fillScores(db: Db): Promise<void> {
  const migration = await readFile(new URL("../migrations/0005_hot_models.sql", import.meta.url), "utf8");
  await db.$client.query(migration.split("--> statement-breakpoint").at(-1) ?? "");
}

describe("what is hot", () => {
  test("100,000 views of years ago and one of now come after 3,000 of the last two days, also after the migration", async ({
    db,
  }) => {
    const [c, b, a] = [await aModel(db), await aModel(db), await aModel(db)];
    await makeViews(db, { modelId: a, views: 3_000, from: 0, days: 2 });
    await makeViews(db, { modelId: b, views: 20_000, from: 0, days: 730 });
    await makeViews(db, { modelId: c, views: 100_000, from: 3 * 365 * 24 * HOUR_MS, days: 1 });
    await makeViews(db, { modelId: c, views: 1, from: 0, days: 0 });
    await db.$client.query(
      `insert into model_totals (model_id, total_views, unique_viewers, last_viewed_at)
       select model_id, count(*), 1, max(viewed_at) from model_views group by 1`,
    );
    await fillScores(db);
    const hot = await hotModels(db.$client, { halfLife: "7d", limit: 3, now });
    expect(hot.map(({ modelId, score }) => [modelId, Math.round(score)])).toEqual([
      [a, 2_722],
      [b, 277],
      [c, 1],
    ]);
    const [first] = await topModels(db, { sort: "trending", limit: 3, now });
    expect(first?.modelId).toBe(c);
  });

  test("the order stays the same, and every score halves in a half-life", async ({ db }) => {
    const [one, other] = [await aModel(db), await aModel(db)];
    await recordViews(db.$client, [
      aView({ modelId: one, viewedAt: before(26 * HOUR_MS) }),
      aView({ modelId: one, viewedAt: before(30 * HOUR_MS) }),
      aView({ modelId: other, viewedAt: before(2 * HOUR_MS) }),
    ]);
    const ask = async (halfLife: "1h" | "1d" | "7d", ms: number) => {
      const items = await hotModels(db.$client, { halfLife, limit: 2, now: new Date(now.getTime() + ms) });
      return items.map(({ modelId, score }) => ({ modelId, score }));
    };
    expect((await ask("7d", 0)).map(({ modelId }) => modelId)).toEqual([one, other]);
    expect((await ask("1h", 0)).map(({ modelId }) => modelId)).toEqual([other, one]);
    const [today, tomorrow] = [await ask("1d", 0), await ask("1d", 24 * HOUR_MS)];
    expect(tomorrow.map(({ modelId }) => modelId)).toEqual(today.map(({ modelId }) => modelId));
    for (const [index, { score }] of today.entries())
      expect(tomorrow[index]?.score).toBeCloseTo(score / 2, 8);
    // Far too small for a number.
    expect(await ask("1h", 400 * 24 * HOUR_MS)).toMatchObject([{ score: 0 }, { score: 0 }]);
  });

  test("a view five minutes ahead weighs as one of now, and ties are broken by model id", async ({ db }) => {
    const ids = [await aModel(db), await aModel(db), await aModel(db)].toSorted();
    const ahead = (minutes: number) => new Date(Date.now() + minutes * MINUTE_MS).toISOString();
    await recordViews(db.$client, [
      aView({ modelId: ids[2] ?? "", viewedAt: ahead(5) }),
      aView({ modelId: ids[1] ?? "", viewedAt: ahead(4) }),
      aView({ modelId: ids[0] ?? "", viewedAt: ahead(3) }),
    ]);
    expect(await scoresOf(db, ids[2] ?? "")).toEqual(await scoresOf(db, ids[0] ?? ""));
    const hot = await hotModels(db.$client, { halfLife: "1h", limit: 3, now: new Date() });
    expect(hot.map(({ modelId }) => modelId)).toEqual(ids);
    for (const { score } of hot) expect(score).toBeLessThanOrEqual(1);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test.for([
    ["1h", 100_000, 8_000, 720],
    ["7d", 1_000_000, 47, 4.3],
  ] as const)(
    "%s: %i updates in random order agree with the direct sum",
    async ([, updates, landmark, range], { db }) => {
      // Views of 30 days, a year after the landmark.
      const logOf = `${landmark} + (hashint8(n) / 2147483648.0::float8 + 1) / 2 * ${range}`;
      const client = await db.$client.connect();
      try {
        await client.query(
          `create function pg_temp.difference() returns float8 language plpgsql as $$
         declare total float8 := '-infinity'; direct float8; given record;
         begin
           for given in select ${logOf} as log from generate_series(1, ${updates}) n loop
             total := ${mergedScores("total", "given.log")};
           end loop;
           select ${landmark} + ln(sum(power(2::float8, ${logOf} - ${landmark}))) / ln(2::float8) into direct
           from generate_series(1, ${updates}) n;
           return abs(total - direct);
         end $$`,
        );
        const { rows } = await client.query<{ difference: number }>(
          "select pg_temp.difference() as difference",
        );
        // Of logarithms: a relative 1e-9 of the score.
        expect(rows[0]?.difference).toBeLessThan(1.4e-9);
      } finally {
        client.release(true);
      }
    },
  );
});

describe("the scores of a model", () => {
  const viewsBy = (modelId: string, viewerIdentifier: string, ages: readonly number[]) =>
    ages.map((hours) => aView({ modelId, viewerIdentifier, viewedAt: before(hours * HOUR_MS) }));
  const eachHour = (count: number) => Array.from({ length: count }, (_, n) => n + 0.25);

  test.for([
    ["a small part of it", [3, 30], eachHour(40)],
    ["most of what is recent", [0, 0.1, 0.2, 0.3, 1], [30, 300, 3_000]],
    ["all but a view of long ago", [0, 1], [9_000]],
  ] as const)("after an erasure of %s equal a new count", async ([, erased, left], { db }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [
      ...viewsBy(modelId, "erased", erased),
      ...viewsBy(modelId, "stays", left),
    ]);
    areClose(await scoresOf(db, modelId), await countedAnew(db, modelId));
    await eraseViewer(db.$client, "erased", { now });
    const found = await scoresOf(db, modelId);
    areClose(found, await countedAnew(db, modelId));
    await db.$client.query("truncate models, erased_viewers cascade");
    await aModel(db, { id: modelId });
    await recordViews(db.$client, viewsBy(modelId, "stays", left));
    areClose(found, await scoresOf(db, modelId));
  });

  test.for([
    ["too high", "update model_totals set hot_7d = hot_7d + 1e-8", "7d"],
    ["too low", "update model_totals set hot_1d = hot_1d - 0.01", "1d"],
    ["missing", "update model_totals set hot_1h = '-infinity'", "1h"],
  ] as const)("that is %s is found by verify-rollups", async ([, damage, halfLife], { db }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, viewsBy(modelId, "stays", eachHour(20)));
    expect(await verifyRollups(db)).toEqual([]);
    await db.$client.query(damage);
    expect(await verifyRollups(db)).toMatchObject([
      { rollup: "model_totals.hot", key: `${modelId} ${halfLife}` },
    ]);
  });
});

describe("what is rising", () => {
  test("300 views after 100 a day come before 3 after none, and before 110 after 100", async ({ db }) => {
    const names = ["300 after 100", "110 after 100", "3 after none", "300 on its first day"];
    const ids = await Promise.all(names.map((name) => aModel(db, { name })));
    const [tripled = "", steady = "", seldom = "", fresh = ""] = ids;
    for (const [modelId, views] of [
      [tripled, 300],
      [steady, 110],
      [seldom, 3],
      [fresh, 300],
    ] as const) {
      await recordViews(
        db.$client,
        Array.from({ length: views }, (_, n) => aView({ modelId, viewedAt: before(n * MINUTE_MS) })),
      );
    }
    await db.$client.query(
      `insert into model_days (model_id, day, views) select id, '2026-11-21'::date - n, 100
       from generate_series(1, 28) n, unnest($1::uuid[]) id`,
      [[tripled, steady]],
    );
    await db.$client.query("insert into model_days (model_id, day, views) values ($1, '2026-10-01', 1)", [
      seldom,
    ]);
    const rising = await risingModels(db.$client, { limit: 10, now });
    expect(rising.map(({ name, why }) => [name, why.text])).toEqual([
      ["300 after 100", "300 views in the last 24 hours, usually 100"],
      ["3 after none", "3 views in the last 24 hours, usually 0"],
      ["110 after 100", "110 views in the last 24 hours, usually 100"],
      ["300 on its first day", "300 views in the last 24 hours; there is no earlier day to compare with"],
    ]);
  });
});
