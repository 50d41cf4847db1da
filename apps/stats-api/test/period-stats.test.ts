import { recordViews } from "@model-views/db/recording/record-views.ts";
import {
  manyStatsOfPeriodSchema,
  statsOfPeriodAnswerSchema,
  topInPeriodAnswerSchema,
} from "@model-views/shared/contracts/period-stats.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { type Api, now, test } from "./api.ts";

const query = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
const top = async (api: Api, parameters: Record<string, string>) =>
  topInPeriodAnswerSchema.parse(await api.json(`/v1/models/top?${query(parameters)}`));
const many = async (api: Api, parameters: Record<string, string>) =>
  manyStatsOfPeriodSchema.parse(await api.json(`/v1/models/stats?${query(parameters)}`));

describe("with from and to", () => {
  test("stats and top lists equal a count in JavaScript, for random views and periods", async ({
    db,
    api,
  }) => {
    const instant = fc
      .integer({ min: Date.parse("2026-11-01T00:00:00Z"), max: Date.parse("2026-11-22T00:00:00Z") })
      .map((ms) => new Date(ms).toISOString());
    const run = fc.record({
      times: fc.array(
        fc.tuple(instant, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 4 }), fc.boolean()),
        { maxLength: 60 },
      ),
      ends: fc.tuple(instant, instant).filter(([one, other]) => one !== other),
      bots: fc.constantFrom("exclude", "include", "only"),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ times, ends, bots }) => {
        await db.$client.query("delete from models");
        const ids = await Promise.all([aModel(db), aModel(db), aModel(db)]);
        const views = times.map(([viewedAt, model, viewer, isBot]) =>
          aView({
            modelId: ids[model] ?? "",
            viewedAt,
            viewerIdentifier: `viewer ${viewer}`,
            ...(isBot ? { isBot } : {}),
          }),
        );
        if (views.length > 0) await recordViews(db.$client, views);
        const [from = "", to = ""] = [...ends].sort();
        const expected = ids.map((modelId) => plainStats(modelId, views, { from, to, bots }));
        const asked = { from, to, bots };
        expect((await many(api, { ...asked, ids: ids.join() })).items).toEqual(expected);
        const [first = ""] = ids;
        const one = await api.json(`/v1/models/${first}/stats?${query(asked)}`);
        expect(statsOfPeriodAnswerSchema.parse(one)).toEqual({
          ...expected[0],
          from,
          to,
          asOf: now.toISOString(),
        });
        for (const [sort, figure] of [
          ["total", "totalViews"],
          ["unique", "uniqueViews"],
        ] as const) {
          const ranked = expected
            .filter(({ totalViews }) => totalViews > 0)
            .sort((a, b) => b[figure] - a[figure] || (a.modelId < b.modelId ? -1 : 1));
          const { items } = await top(api, { ...asked, sort });
          expect(items).toMatchObject(ranked);
          expect(items).toHaveLength(ranked.length);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("a view at from counts, one at to does not, in every question", async ({ db, api }) => {
    const modelId = await aModel(db);
    const ends = { from: "2026-11-10T00:00:00.000Z", to: "2026-11-12T00:00:00.000Z" };
    const before = { viewedAt: "2026-11-09T23:59:59.999Z" };
    const views = [{ viewedAt: ends.from }, { viewedAt: ends.to }, before].map((at) =>
      aView({ modelId, os: at.viewedAt, ...at }),
    );
    await recordViews(db.$client, views);
    const days = { from: "2026-11-10", to: "2026-11-12" };
    for (const period of [ends, days]) {
      expect((await many(api, { ...period, ids: modelId })).items).toMatchObject([{ totalViews: 1 }]);
      expect((await top(api, period)).items).toMatchObject([{ totalViews: 1 }]);
      expect(await api.json(`/v1/models/${modelId}/timeseries?${query(period)}`)).toMatchObject({
        items: [{ start: ends.from, views: 1 }, { views: 0 }],
      });
      expect(await api.json(`/v1/breakdown?${query({ ...period, by: "os" })}`)).toMatchObject({
        items: [{ value: ends.from, views: 1 }],
        totalViews: 1,
      });
    }
  });

  test("the top list of a period has its own order, category, limit and formula of trending", async ({
    db,
    api,
  }) => {
    const [old, fresh, other] = await Promise.all([
      aModel(db, { name: "old", category: "women" }),
      aModel(db, { name: "fresh", category: "women" }),
      aModel(db, { name: "other", category: "men" }),
    ]);
    const on = (modelId: string, day: string) => aView({ modelId, viewedAt: `2026-11-${day}T12:00:00.000Z` });
    await recordViews(db.$client, [
      ...["01", "01", "01", "10", "10"].map((day) => on(old, day)),
      ...["19", "19"].map((day) => on(fresh, day)),
      on(other, "19"),
    ]);
    const names = async (parameters: Record<string, string>) =>
      (await top(api, { to: "2026-11-20", ...parameters })).items.map(({ name }) => name);
    expect(await names({ from: "2026-11-01" })).toEqual(["old", "fresh", "other"]);
    expect(await names({ from: "2026-11-11" })).toEqual(["fresh", "other"]);
    expect(await names({ from: "2026-11-01", category: "women", limit: "1" })).toEqual(["old"]);
    // 5 / (1 + 9.5) against 2 / (1 + 0.5) and 1 / (1 + 0.5).
    expect(await names({ from: "2026-11-01", sort: "trending" })).toEqual(["fresh", "other", "old"]);
  });

  test("removed views count where their number is stored, and are null elsewhere", async ({ db, api }) => {
    const modelId = await aModel(db);
    await recordViews(
      db.$client,
      ["2026-07-10T10:00:00.000Z", "2026-07-10T11:00:00.000Z", "2026-08-01T10:00:00.000Z"].map((viewedAt) =>
        aView({ modelId, viewedAt }),
      ),
    );
    await db.$client.query("delete from model_views where viewed_at < '2026-08-01'");
    await db.$client.query("insert into retired_months values ('2026-07-01')");
    const stats = async (parameters: Record<string, string>) => {
      const { items } = await many(api, { ids: modelId, ...parameters });
      return [items[0]?.totalViews, items[0]?.uniqueViews, items[0]?.lastViewedAt];
    };
    const lastView = "2026-08-01T10:00:00.000Z";
    expect(await stats({ from: "2026-07-01", to: "2026-09-01" })).toEqual([3, null, lastView]);
    expect(await stats({ from: "2026-07-01", to: "2026-08-01" })).toEqual([2, null, null]);
    expect(await stats({ from: "2026-07-10T10:30:00Z", to: "2026-09-01" })).toEqual([null, null, lastView]);
    expect(await stats({ from: "2026-07-11", to: "2026-09-01" })).toEqual([1, 1, lastView]);
    expect(await stats({ from: "2026-08-01", to: "2026-09-01", bots: "include" })).toEqual([1, 1, lastView]);
    expect((await stats({ from: "2026-07-11", to: "2026-09-01", bots: "include" })).slice(0, 2)).toEqual([
      null,
      null,
    ]);
    expect(await top(api, { from: "2026-07-01", to: "2026-09-01" })).toMatchObject({
      items: [{ modelId, totalViews: 3, uniqueViews: null }],
      isIncomplete: true,
    });
    expect(await top(api, { from: "2026-08-01", to: "2026-09-01" })).toMatchObject({ isIncomplete: false });
  });

  test("a model whose last view is removed does not trend before one that was just viewed", async ({
    db,
    api,
  }) => {
    const [removed, seen] = await Promise.all([
      aModel(db, { name: "removed" }),
      aModel(db, { name: "seen" }),
    ]);
    const on = (modelId: string, viewedAt: string) => aView({ modelId, viewedAt });
    await recordViews(db.$client, [
      ...Array.from({ length: 10 }, () => on(removed, "2026-05-03T10:00:00.000Z")),
      on(seen, "2026-11-21T10:00:00.000Z"),
    ]);
    await db.$client.query("delete from model_views where viewed_at < '2026-06-01'");
    await db.$client.query("insert into retired_months values ('2026-05-01')");
    const { items } = await top(api, { from: "2026-05-01", to: "2026-11-22", sort: "trending" });
    expect(items.map(({ name }) => name)).toEqual(["seen", "removed"]);
  });

  test("a view of a month that is being removed counts once", async ({ db, api }) => {
    const modelId = await aModel(db);
    const viewedAt = "2026-07-10T10:00:00.000Z";
    await recordViews(db.$client, [aView({ modelId, viewedAt }), aView({ modelId, viewedAt })]);
    // Retention has noted the month, and not deleted its views yet.
    await db.$client.query("insert into retired_months values ('2026-07-01')");
    const period = { from: "2026-07-01", to: "2026-08-01" };
    expect((await many(api, { ...period, ids: modelId })).items).toMatchObject([
      { totalViews: 2, uniqueViews: null },
    ]);
    expect(await api.json(`/v1/timeseries?${query({ ...period, interval: "month" })}`)).toMatchObject({
      items: [{ views: 2, uniqueViews: null }],
    });
  });

  test("a question that waits for retention sees its result", async ({ db, api }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId, viewedAt: "2026-10-10T10:00:00.000Z" })]);
    const retention = await db.$client.connect();
    await retention.query("begin; lock table model_views in access exclusive mode");
    const answer = many(api, { ids: modelId, from: "2026-10-01", to: "2026-11-01" });
    const waiting = async () =>
      (
        await db.$client.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        )
      ).rowCount;
    await expect.poll(waiting).toBe(1);
    await retention.query("insert into retired_months values ('2026-10-01')");
    await retention.query("delete from model_views where viewed_at < '2026-11-01'");
    await retention.query("commit");
    retention.release();
    expect((await answer).items).toMatchObject([{ totalViews: 1, uniqueViews: null }]);
  });

  test("more questions than are answered at once wait for their turn, and others are still answered", async ({
    db,
    api,
  }) => {
    const modelId = await aModel(db);
    const holder = await db.$client.connect();
    await holder.query("begin; lock table model_views in access exclusive mode");
    // Different questions: identical ones would be asked once.
    const asked = Array.from({ length: 6 }, (_, i) =>
      api.ask(`/v1/models/${modelId}/stats?from=2026-11-0${i + 1}`),
    );
    const waiting = async () =>
      (
        await db.$client.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        )
      ).rowCount;
    await expect.poll(waiting).toBe(4);
    expect((await api.ask(`/v1/models/${modelId}/stats`)).status).toBe(200);
    await holder.query("rollback");
    holder.release();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
  });

  test("models that do not exist are a 404, or listed as unknown", async ({ api }) => {
    const { modelId } = aView();
    expect((await api.ask(`/v1/models/${modelId}/stats?from=2026-11-01`)).status).toBe(404);
    expect(await many(api, { ids: modelId, from: "2026-11-01" })).toMatchObject({
      items: [],
      unknown: [modelId],
    });
  });
});

/** The same stats, counted in JavaScript. */
function plainStats(
  modelId: string,
  views: readonly ViewEvent[],
  { from, to, bots }: { from: string; to: string; bots: string },
) {
  const meant = views.filter(
    ({ modelId: of, viewedAt, isBot = false }) =>
      of === modelId &&
      viewedAt >= from &&
      viewedAt < to &&
      (bots === "include" || isBot === (bots === "only")),
  );
  return {
    modelId,
    totalViews: meant.length,
    uniqueViews: new Set(meant.map(({ viewerIdentifier }) => viewerIdentifier)).size,
    lastViewedAt:
      meant
        .map(({ viewedAt }) => viewedAt)
        .sort()
        .at(-1) ?? null,
  };
}
