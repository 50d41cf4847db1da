import { deleteModel } from "@model-views/db/models/delete-model.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { type Api, now, test, withApi } from "./api.ts";
import { statementsOf } from "./counting.ts";
import { aStore } from "./store.ts";

/** The API with a cache, at a time that the test sets. */
function withCache(db: Db, work: (cached: Cached) => Promise<void>): Promise<void> {
  const clock = { ms: 0 };
  const store = aStore();
  const metrics = createMetrics();
  const deps = {
    db,
    metrics,
    now: () => new Date(now.getTime() + clock.ms),
    cache: { store, freshMs: 5_000 },
  };
  return withApi(deps, (api) => work({ api, store, clock, metrics }));
}
type Cached = {
  api: Api;
  store: ReturnType<typeof aStore>;
  clock: { ms: number };
  metrics: ReturnType<typeof createMetrics>;
};

const at = (ms: number) => new Date(now.getTime() + ms).toISOString();
const PERIODS = {
  "a time series": () => "/v1/timeseries",
  "a model's time series": (id: string) => `/v1/models/${id}/timeseries?compare=previous`,
  "a breakdown": (id: string) => `/v1/breakdown?by=os&modelId=${id}`,
  "a model's statistics": (id: string) => `/v1/models/${id}/stats?from=2026-11-01`,
  "many models' statistics": (id: string) => `/v1/models/stats?ids=${id}&from=2026-11-01`,
  "the top list": () => "/v1/models/top?from=2026-11-01",
};

describe.for(Object.entries(PERIODS))("%s of a period", ([, pathOf]) => {
  test("is cached, has its age, is renewed in the background when stale, and asked again when too old", async ({
    db,
  }) => {
    const modelId = await aModel(db);
    await withCache(db, async ({ api, clock, store }) => {
      const statements = statementsOf(db);
      const asked = () => statements.filter((text) => text.includes("access share mode")).length;
      const ask = async () => {
        const response = await api.ask(pathOf(modelId));
        const { asOf } = (await response.json()) as { asOf: string };
        return [response.status, response.headers.get("age"), asOf];
      };
      expect(await ask()).toEqual([200, "0", at(0)]);
      clock.ms = 4_999;
      expect(await ask()).toEqual([200, "4", at(0)]);
      expect(asked()).toBe(1);
      clock.ms = 8_000;
      const old = [200, "8", at(0)];
      expect(await Promise.all([ask(), ask(), ask()])).toEqual([old, old, old]);
      await expect.poll(() => [...store.entries.values()][0]?.text).toContain(`"asOf":"${at(8_000)}"`);
      expect(asked()).toBe(2);
      expect(await ask()).toEqual([200, "0", at(8_000)]);
      clock.ms = 33_000;
      expect(await ask()).toEqual([200, "0", at(33_000)]);
      expect(asked()).toBe(3);
    });
  });

  test("is the same answer from the cache, as JSON and as CSV", async ({ db }) => {
    const modelId = await aModel(db, { category: "women" });
    await recordViews(db.$client, [aView({ modelId, viewedAt: at(-60_000), os: "iOS" })]);
    await withCache(db, async ({ api, metrics }) => {
      const path = pathOf(modelId);
      const first = await api.json(path);
      expect(await api.json(path)).toEqual(first);
      const csv = await api.ask(path, { headers: { accept: "text/csv" } });
      if (csv.headers.get("content-type")?.startsWith("text/csv")) expect(await csv.text()).toContain("1");
      const text = await metrics.metrics();
      expect(text).toContain('model_views_stats_cache_reads_total{result="miss"} 1');
      expect(text).toContain('model_views_stats_cache_reads_total{result="fresh"} 2');
      expect(text).toContain('model_views_stats_cache_writes_total{result="kept"} 1');
    });
  });
});

describe("what is cached", () => {
  test("is nothing about all time, which is always current", async ({ db }) => {
    const modelId = await aModel(db);
    await withCache(db, async ({ api, store }) => {
      const paths = [
        `/v1/models/${modelId}/stats`,
        `/v1/models/stats?ids=${modelId}`,
        "/v1/models/top",
        "/v1/models/top?bots=include",
        "/v1/models",
        `/v1/models/${modelId}`,
      ];
      for (const path of paths) {
        const response = await api.ask(path);
        expect([response.status, response.headers.get("age")], path).toEqual([200, null]);
      }
      expect(store.asked).toBe(0);
      await recordViews(db.$client, [aView({ modelId })]);
      expect(await api.json(`/v1/models/${modelId}/stats`)).toMatchObject({ totalViews: 1 });
    });
  });

  test("has another key for each different question", async ({ db }) => {
    const [a, b] = [await aModel(db), await aModel(db)];
    await withCache(db, async ({ api, store }) => {
      const paths = [
        "/v1/timeseries",
        "/v1/timeseries?from=2026-11-01",
        "/v1/timeseries?to=2026-11-01",
        "/v1/timeseries?from=2026-11-01&to=2026-11-02",
        "/v1/timeseries?from=2026-11-01&to=2026-11-02&tz=Europe/Berlin",
        "/v1/timeseries?interval=hour",
        "/v1/timeseries?compare=previous",
        "/v1/timeseries?bots=only",
        `/v1/models/${a}/timeseries`,
        `/v1/models/${b}/timeseries`,
        "/v1/breakdown?by=os",
        "/v1/breakdown?by=device",
        "/v1/breakdown?by=os&limit=2",
        `/v1/breakdown?by=os&modelId=${a}`,
        `/v1/models/${a}/stats?from=2026-11-01`,
        `/v1/models/stats?from=2026-11-01&ids=${a}`,
        `/v1/models/stats?from=2026-11-01&ids=${a},${b}`,
        `/v1/models/stats?from=2026-11-01&ids=${b},${a}`,
        "/v1/models/top?from=2026-11-01",
        "/v1/models/top?from=2026-11-01&sort=unique",
        "/v1/models/top?from=2026-11-01&category=a",
        "/v1/models/top?from=2026-11-01&category=A",
        "/v1/models/top?from=2026-11-01&limit=3",
      ];
      for (const [i, path] of paths.entries()) {
        expect((await api.ask(path)).status, path).toBe(200);
        expect(store.entries.size, path).toBe(i + 1);
      }
      // The same questions in other words.
      await api.ask("/v1/timeseries?bots=exclude&interval=day&tz=UTC");
      await api.ask(`/v1/models/${a.toUpperCase()}/timeseries?format=csv`);
      await api.ask(`/v1/models/stats?ids=${a},${b},${a}&from=2026-11-01`);
      expect(store.entries.size).toBe(paths.length);
    });
  });

  test("is no error: no unknown model and no wrong period", async ({ db }) => {
    const { modelId } = aView();
    await withCache(db, async ({ api, store, clock }) => {
      const path = `/v1/models/${modelId}/stats?from=2026-11-01`;
      expect((await api.ask(path)).status).toBe(404);
      expect((await api.ask("/v1/timeseries?from=2026-11-02&to=2026-11-01")).status).toBe(422);
      expect(store.entries.size).toBe(0);
      await aModel(db, { id: modelId });
      expect((await api.ask(path)).status).toBe(200);
      // The answer stays for its time, and no longer.
      await deleteModel(db, modelId);
      clock.ms = 24_999;
      expect((await api.ask(path)).status).toBe(200);
      clock.ms = 25_000;
      expect((await api.ask(path)).status).toBe(404);
    });
  });

  test("is given while PostgreSQL fails, until it is too old", async ({ db }) => {
    await withCache(db, async ({ api, clock }) => {
      expect((await api.ask("/v1/timeseries")).status).toBe(200);
      await db.$client.query("alter table model_views rename to elsewhere");
      clock.ms = 24_000;
      expect((await api.ask("/v1/timeseries")).status).toBe(200);
      clock.ms = 25_000;
      expect((await api.ask("/v1/timeseries")).status).toBe(500);
    });
  });
});

/** An error that Redis answers. */
const OOM = Object.assign(new Error("OOM"), { name: "ReplyError" });

describe("when the store", () => {
  test.for([
    ["is away", { failing: new Error("Connection is closed.") }],
    ["is full", { refusing: OOM }],
    [
      "has something else under every key",
      { get: async () => '{"items":[],"asOf":"2026-11-22T12:00:00.000Z"}' },
    ],
  ] as const)("%s, every question is asked and answered", async ([, fault], { db }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId, viewedAt: at(-60_000) })]);
    await withCache(db, async ({ api, store }) => {
      Object.assign(store, fault);
      for (let round = 0; round < 3; round += 1) {
        for (const pathOf of Object.values(PERIODS)) {
          const response = await api.ask(pathOf(modelId));
          expect(response.status).toBe(200);
          expect(JSON.stringify(await response.json())).toMatch(/"(views|totalViews)":1/);
        }
      }
    });
  });
});
