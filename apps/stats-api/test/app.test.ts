import { randomUUID } from "node:crypto";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { modelListSchema } from "@model-views/shared/contracts/models.ts";
import {
  manyModelStatsSchema,
  modelStatsAnswerSchema,
  type RankedModel,
  topModelsAnswerSchema,
} from "@model-views/shared/contracts/stats.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { type Api, now, test } from "./api.ts";

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(now.getTime() - days * DAY_MS).toISOString();

/** Records views of a model by so many viewers, all of them so many days ago. */
async function viewed(
  db: Db,
  modelId: string,
  { views, viewers = views, days = 0 }: { views: number; viewers?: number; days?: number },
): Promise<void> {
  const all = Array.from({ length: views }, (_, i) =>
    aView({ modelId, viewerIdentifier: `viewer ${i % viewers}`, viewedAt: ago(days) }),
  );
  if (all.length > 0) await recordViews(db.$client, all);
}

describe("GET /v1/models/:modelId/stats", () => {
  test("answers views, viewers, the last view, and as of when", async ({ db, api }) => {
    const modelId = await aModel(db);
    await viewed(db, modelId, { views: 5, viewers: 2, days: 3 });
    const answer = modelStatsAnswerSchema.parse(await api.json(`/v1/models/${modelId.toUpperCase()}/stats`));
    expect(answer).toEqual({
      modelId,
      totalViews: 5,
      uniqueViews: 2,
      lastViewedAt: ago(3),
      asOf: now.toISOString(),
    });
  });

  test("answers a model without views with 0, 0, null", async ({ db, api }) => {
    const modelId = await aModel(db);
    expect(await api.json(`/v1/models/${modelId}/stats`)).toMatchObject({
      totalViews: 0,
      uniqueViews: 0,
      lastViewedAt: null,
    });
  });

  test.for([
    ["an unknown model", `/v1/models/${randomUUID()}/stats`, 404],
    ["something that is no model id", "/v1/models/anna/stats", 422],
    ["a parameter that it does not have", `/v1/models/${randomUUID()}/stats?since=2026-01-01`, 422],
  ] as const)("answers %s with a problem", async ([, path, status], { api }) => {
    const response = await api.ask(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });
});

describe("a model's id in another spelling", () => {
  test.for([
    ["in upper case", (id: string) => id.toUpperCase()],
    ["in braces", (id: string) => `{${id}}`],
    ["without hyphens", (id: string) => id.replaceAll("-", "")],
    ["as a URN", (id: string) => `urn:uuid:${id}`],
    ["with white space around", (id: string) => ` ${id}\n`],
  ] as const)("%s is the same model, in every route", async ([, spell], { api }) => {
    const modelId = randomUUID();
    const spelled = encodeURIComponent(spell(modelId));
    const put = {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "Anna" }),
    };
    expect((await api.ask(`/v1/models/${spelled}`, put)).status).toBe(201);
    expect(await api.json(`/v1/models/${modelId}`)).toMatchObject({ id: modelId, name: "Anna" });
    expect(await api.json(`/v1/models/${spelled}/stats`)).toMatchObject({ modelId });
    expect(await api.json(`/v1/models/stats?ids=${spelled}`)).toMatchObject({
      items: [{ modelId }],
      unknown: [],
    });
    expect(await api.json(`/v1/breakdown?by=device&modelId=${spelled}`)).toMatchObject({ modelId });
    const cursor = Buffer.from(spell(modelId)).toString("base64url");
    expect(await api.json(`/v1/models?cursor=${cursor}`)).toMatchObject({ items: [] });
  });
});

describe("bots=", () => {
  test("counts a viewer once who was a bot and a human, and still counts views that retention has removed", async ({
    db,
    api,
  }) => {
    const modelId = await aModel(db);
    const both = aView({ modelId, viewerIdentifier: "both" });
    await recordViews(db.$client, [
      both,
      aView({ modelId, viewerIdentifier: "both", isBot: true }),
      aView({ modelId, viewerIdentifier: "bot", isBot: true }),
      aView({ modelId, viewerIdentifier: "human" }),
    ]);
    const stats = () => api.json(`/v1/models/${modelId}/stats?bots=include`);
    expect(await stats()).toMatchObject({ totalViews: 4, uniqueViews: 3 });
    // As retention does, which leaves the rollups.
    await db.$client.query("delete from model_views where not is_bot");
    expect(await stats()).toMatchObject({ totalViews: 4, uniqueViews: 3 });
  });

  test("leaves bots out, counts them too, or counts only them", async ({ db, api }) => {
    const modelId = await aModel(db, { name: "Anna" });
    const [human, bot] = [
      { modelId, viewerIdentifier: "a", viewedAt: ago(2) },
      { modelId, viewedAt: ago(1), isBot: true as const },
    ];
    await recordViews(db.$client, [
      aView(human),
      aView(human),
      aView(bot),
      aView({ ...bot, viewerIdentifier: "a" }),
      aView(bot),
    ]);
    const expectedStats = {
      "": { totalViews: 2, uniqueViews: 1, lastViewedAt: ago(2) },
      "bots=exclude": { totalViews: 2, uniqueViews: 1, lastViewedAt: ago(2) },
      "bots=include": { totalViews: 5, uniqueViews: 3, lastViewedAt: ago(1) },
      "bots=only": { totalViews: 3, uniqueViews: 3, lastViewedAt: ago(1) },
    };
    for (const [query, expected] of Object.entries(expectedStats)) {
      expect(await api.json(`/v1/models/${modelId}/stats?${query}`)).toMatchObject(expected);
      expect(await api.json(`/v1/models/stats?ids=${modelId}&${query}`)).toMatchObject({ items: [expected] });
      for (const sort of ["total", "unique", "trending"]) {
        expect(await api.json(`/v1/models/top?sort=${sort}&${query}`)).toMatchObject({
          items: [{ name: "Anna", ...expected }],
        });
      }
    }
    const quiet = await aModel(db);
    expect(await api.json(`/v1/models/${quiet}/stats?bots=include`)).toMatchObject({
      totalViews: 0,
      uniqueViews: 0,
      lastViewedAt: null,
    });
    expect((await api.ask(`/v1/models/${modelId}/stats?bots=maybe`)).status).toBe(422);
  });
});

describe("GET /v1/models/stats?ids=", () => {
  test("answers in the order asked, each once, and lists unknown models", async ({ db, api }) => {
    const [first, second, stranger] = [await aModel(db), await aModel(db), randomUUID()];
    await viewed(db, second, { views: 2 });
    const answer = manyModelStatsSchema.parse(
      await api.json(`/v1/models/stats?ids=${second},${stranger},${first},${second}`),
    );
    expect(answer.items.map(({ modelId, totalViews }) => [modelId, totalViews])).toEqual([
      [second, 2],
      [first, 0],
    ]);
    expect(answer.unknown).toEqual([stranger]);
  });

  test.for([
    ["none", ""],
    ["something that is no id", "1,2"],
    ["201", Array.from({ length: 201 }, () => randomUUID()).join(",")],
  ] as const)("refuses %s", async ([, ids], { api }) => {
    expect((await api.ask(`/v1/models/stats?ids=${ids}`)).status).toBe(422);
  });
});

describe("GET /v1/models/top", () => {
  const names = (answer: unknown) => topModelsAnswerSchema.parse(answer).items.map(({ name }) => name);

  test("ranks by views, by viewers, or by recent views; models without views are not ranked", async ({
    db,
    api,
  }) => {
    await viewed(db, await aModel(db, { name: "many views" }), { views: 20, viewers: 1, days: 9 });
    await viewed(db, await aModel(db, { name: "many viewers" }), { views: 12, viewers: 12, days: 29.9 });
    await viewed(db, await aModel(db, { name: "fresh" }), { views: 5, viewers: 2, days: 0 });
    await viewed(db, await aModel(db, { name: "long ago" }), { views: 200, viewers: 3, days: 31 });
    await aModel(db, { name: "never" });
    expect(names(await api.json("/v1/models/top"))).toEqual([
      "long ago",
      "many views",
      "many viewers",
      "fresh",
    ]);
    expect(names(await api.json("/v1/models/top?sort=unique"))).toEqual([
      "many viewers",
      "long ago",
      "fresh",
      "many views",
    ]);
    // 5 / 1, 20 / 10, 12 / 30.9; more than 30 days ago is not trending at all.
    expect(names(await api.json("/v1/models/top?sort=trending"))).toEqual([
      "fresh",
      "many views",
      "many viewers",
    ]);
    expect(names(await api.json("/v1/models/top?limit=1"))).toEqual(["long ago"]);
  });

  test("ranks within a category", async ({ db, api }) => {
    await viewed(db, await aModel(db, { name: "a", category: "women" }), { views: 1 });
    await viewed(db, await aModel(db, { name: "b", category: "men & more" }), { views: 2 });
    expect(names(await api.json("/v1/models/top?category=men%20%26%20more"))).toEqual(["b"]);
    expect(names(await api.json("/v1/models/top?category=none"))).toEqual([]);
  });

  test("breaks ties by model id, the same each time", async ({ db, api }) => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => aModel(db)));
    await recordViews(
      db.$client,
      ids.map((modelId) => aView({ modelId, viewedAt: ago(1) })),
    );
    for (const sort of ["total", "unique", "trending"]) {
      const { items } = topModelsAnswerSchema.parse(await api.json(`/v1/models/top?limit=12&sort=${sort}`));
      expect(items.map(({ modelId }) => modelId)).toEqual(ids.toSorted());
    }
  });

  test("equals the formula, for random views", async ({ db, api }) => {
    const model = fc.record({
      views: fc.integer({ min: 1, max: 30 }),
      days: fc.double({ min: 0, max: 35, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(model, { minLength: 1, maxLength: 6 }), async (models) => {
        await db.$client.query("truncate models cascade");
        const expected = [];
        for (const { views, days } of models) {
          const modelId = await aModel(db);
          await viewed(db, modelId, { views, days });
          const sinceMs = now.getTime() - new Date(ago(days)).getTime();
          if (sinceMs <= 30 * DAY_MS) expected.push({ modelId, score: views / (1 + sinceMs / DAY_MS) });
        }
        expected.sort((a, b) => b.score - a.score || (a.modelId < b.modelId ? -1 : 1));
        const { items } = topModelsAnswerSchema.parse(await api.json("/v1/models/top?sort=trending"));
        expect(items.map((item: RankedModel) => item.modelId)).toEqual(
          expected.map(({ modelId }) => modelId),
        );
      }),
      { numRuns: 25 },
    );
  });

  test.for(["limit=0", "limit=101", "limit=ten", "sort=best", "colour=red", "category=", "limit=1&limit=2"])(
    "refuses ?%s",
    async (query, { api }) => {
      expect((await api.ask(`/v1/models/top?${query}`)).status).toBe(422);
    },
  );
});

describe("the website's models", () => {
  const put = (api: Api, id: string, body: unknown) =>
    api.ask(`/v1/models/${id}`, {
      method: "PUT",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });

  test("are created, changed and read back", async ({ api }) => {
    const id = randomUUID();
    expect((await api.ask(`/v1/models/${id}`)).status).toBe(404);
    const created = await put(api, id, { name: "Anna", category: "women" });
    expect(created.status).toBe(201);
    const changed = await put(api, id, { name: "Anna B." });
    expect(changed.status).toBe(200);
    const { createdAt } = (await created.json()) as { createdAt: string };
    expect(await api.json(`/v1/models/${id}`)).toEqual({ id, name: "Anna B.", category: null, createdAt });
  });

  test("are deleted with their views and rollups, and nothing else is", async ({ db, api }) => {
    const [gone, kept] = [await aModel(db), await aModel(db)];
    await viewed(db, gone, { views: 3 });
    await viewed(db, kept, { views: 4 });
    expect((await api.ask(`/v1/models/${gone}`, { method: "DELETE" })).status).toBe(204);
    expect((await api.ask(`/v1/models/${gone}`, { method: "DELETE" })).status).toBe(404);
    expect((await api.ask(`/v1/models/${gone}/stats`)).status).toBe(404);
    for (const table of ["model_views", "model_viewers", "model_totals", "model_days"]) {
      const { rows } = await db.$client.query(`select distinct model_id from ${table}`);
      expect(rows, table).toEqual([{ model_id: kept }]);
    }
  });

  test("are listed page by page, each once", async ({ db, api }) => {
    const ids = await Promise.all(
      Array.from({ length: 7 }, (_, i) => aModel(db, { category: i < 5 ? "a" : "b" })),
    );
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = modelListSchema.parse(
        await api.json(`/v1/models?limit=3${cursor && `&cursor=${cursor}`}`),
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(seen).toEqual(ids.toSorted());
    expect(modelListSchema.parse(await api.json("/v1/models?category=b")).items).toHaveLength(2);
    expect((await api.ask("/v1/models?cursor=nonsense")).status).toBe(422);
  });

  test.for([
    ["no name", {}, "name"],
    ["an empty name", { name: "" }, "name"],
    ["a name with NUL", { name: "a\0" }, "name"],
    ["a category that is none", { name: "Anna", category: 5 }, "category"],
  ] as const)("are refused with %s", async ([, body, path], { api }) => {
    const response = await put(api, randomUUID(), body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path }] });
  });
});

describe("keys", () => {
  test.override({
    keys: {
      mayRead: createApiKeyCheck(["a-key-that-reads", "a-key-that-changes"], { isDevelopment: true }),
      mayChange: createApiKeyCheck(["a-key-that-changes"], { isDevelopment: true }),
    },
  });

  test.for([
    ["no request reads without one", "GET", undefined, 401],
    ["a stats key reads", "GET", "a-key-that-reads", 200],
    ["an admin key reads", "GET", "a-key-that-changes", 200],
    ["a wrong key does not read", "GET", "a-key-that-opens-nothing", 401],
    ["no request changes without one", "PUT", undefined, 401],
    ["a stats key does not change", "PUT", "a-key-that-reads", 401],
    ["an admin key changes", "PUT", "a-key-that-changes", 201],
    ["a stats key does not delete", "DELETE", "a-key-that-reads", 401],
  ] as const)("%s", async ([, method, key, status], { api }) => {
    const response = await api.ask(method === "GET" ? "/v1/models" : `/v1/models/${randomUUID()}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(method === "PUT" ? { body: JSON.stringify({ name: "Anna" }) } : {}),
    });
    expect(response.status).toBe(status);
  });

  test("health needs none", async ({ api }) => {
    expect((await api.ask("/readyz")).status).toBe(200);
  });
});

describe("when the database", () => {
  test("does not answer in time, it is 503 with when to try again", async ({ db, api }) => {
    await db.$client.query("alter table models rename to elsewhere");
    expect((await api.ask("/v1/models")).status).toBe(500);
    await db.$client.query("alter table elsewhere rename to models");
    const blocker = await db.$client.connect();
    await blocker.query("begin; lock table models in access exclusive mode");
    const asked = api.ask("/v1/models");
    await expect
      .poll(
        async () =>
          (
            await db.$client.query(
              "select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
            )
          ).rowCount,
      )
      .toBe(1);
    const response = await asked;
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    await blocker.query("rollback");
    blocker.release();
  });
});
