import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { erasedViewerSchema, viewerExportSchema } from "@model-views/shared/contracts/viewers.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { createReadiness } from "@model-views/shared/http/health.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { createStatsApi } from "../src/app.ts";
import { now, openDeps } from "./api.ts";

const viewedAt = "2026-11-20T10:00:00.000Z";
const statsKey = "a-key-that-reads";
const adminKey = "a-key-that-changes";

type Ask = (method: string, path: string, key?: string) => Promise<Response>;

const test = base.extend<{ ask: Ask }>({
  ask: async ({ db }, use) => {
    const app = createStatsApi({
      ...openDeps,
      db,
      adminDb: db,
      mayRead: createApiKeyCheck([statsKey, adminKey], { isDevelopment: true }),
      mayChange: createApiKeyCheck([adminKey], { isDevelopment: true }),
      readiness: createReadiness({}),
      metrics: createMetrics(),
    });
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    await use((method, path, key = adminKey) =>
      fetch(`http://127.0.0.1:${portOf(server)}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}` },
      }),
    );
    await closeServer(server);
  },
});

const pathOf = (viewer: string) => `/v1/viewers/${encodeURIComponent(viewer)}`;
const exported = async (ask: Ask, viewer: string) =>
  viewerExportSchema.parse(await (await ask("GET", pathOf(viewer))).json());
const views = async (db: Db) => (await db.$client.query("select from model_views")).rowCount;

describe("GET /v1/viewers/:viewerIdentifier", () => {
  test("answers everything that is stored of a viewer, and nothing of others", async ({ db, ask }) => {
    const modelId = await aModel(db);
    const viewer = "müller/7 %2F 🙂?";
    const stored = aView({ modelId, viewerIdentifier: viewer, viewedAt, country: "DE", isBot: true });
    const stray = aView({ viewerIdentifier: viewer, viewedAt, ipAddress: "192.0.2.0" });
    await recordViews(db.$client, [
      stored,
      stray,
      aView({ modelId, viewerIdentifier: viewer, viewedAt: "2015-05-20T00:00:00.000Z" }),
      aView({ modelId, viewedAt }),
      aView({ viewedAt }),
    ]);
    const answer = await exported(ask, viewer);
    expect(answer).toMatchObject({
      viewerIdentifier: viewer,
      asOf: now.toISOString(),
      models: [{ modelId, views: 1, firstViewedAt: "2015-05-20T00:00:00.000Z" }],
      rejectedViews: [{ reason: "unknown_model", message: null, view: { id: stray.id } }],
    });
    expect(answer.views.map((view) => view.viewedAt)).toEqual(["2015-05-20T00:00:00.000Z", viewedAt]);
    expect(answer.views[1]).toEqual({
      ...stored,
      viewedAtReplaced: false,
      ...Object.fromEntries(
        [
          "ipAddress",
          "userAgent",
          "device",
          "browser",
          "os",
          "referrerHost",
          "utmSource",
          "utmMedium",
          "utmCampaign",
        ].map((field) => [field, null]),
      ),
    });
  });

  test("answers empty lists for a viewer who is not known", async ({ ask }) => {
    expect(await exported(ask, "stranger")).toEqual({
      viewerIdentifier: "stranger",
      views: [],
      models: [],
      rejectedViews: [],
      viewerNumbers: [],
      asOf: now.toISOString(),
    });
  });

  test.for([999, 1_000, 1_001, 2_500])("has each of %i views once", async (count, { db, ask }) => {
    const modelId = await aModel(db);
    const all = Array.from({ length: count }, () => aView({ modelId, viewerIdentifier: "busy", viewedAt }));
    await recordViews(db.$client, all);
    const { views } = await exported(ask, "busy");
    expect(new Set(views.map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
    expect(views).toHaveLength(count);
  });

  test("releases its connection when the reader leaves", async ({ db, ask }) => {
    const modelId = await aModel(db);
    // More than the buffers in between hold, so that the answer is still under way.
    for (let round = 0; round < 8; round += 1) {
      await recordViews(
        db.$client,
        Array.from({ length: 4_000 }, () => aView({ modelId, viewerIdentifier: "busy", viewedAt })),
      );
    }
    const response = await ask("GET", pathOf("busy"));
    expect(db.$client.totalCount - db.$client.idleCount).toBe(1);
    await response.body?.cancel();
    await expect.poll(() => db.$client.totalCount - db.$client.idleCount).toBe(0);
  });
});

describe("DELETE /v1/viewers/:viewerIdentifier", () => {
  test("erases the viewer, answers what was removed, and can be repeated", async ({ db, ask }) => {
    const modelId = await aModel(db);
    const of = { viewerIdentifier: "erased/1", viewedAt };
    await recordViews(db.$client, [aView({ modelId, ...of }), aView(of), aView({ modelId, viewedAt })]);
    const answer = await ask("DELETE", pathOf("erased/1"));
    expect(answer.status).toBe(200);
    expect(erasedViewerSchema.parse(await answer.json())).toEqual({
      viewerIdentifier: "erased/1",
      erased: { views: 1, rejectedViews: 1, models: 1 },
      until: "2026-11-22T12:05:00.000Z",
      asOf: now.toISOString(),
    });
    expect(await exported(ask, "erased/1")).toMatchObject({ views: [], models: [], rejectedViews: [] });
    expect(await views(db)).toBe(1);
    expect(await verifyRollups(db)).toEqual([]);
    const again = erasedViewerSchema.parse(await (await ask("DELETE", pathOf("erased/1"))).json());
    expect(again.erased).toEqual({ views: 0, rejectedViews: 0, models: 0 });
  });
});

describe("a viewer's data", () => {
  test.for([
    ["no key reads", "GET", "", 401],
    ["a stats key does not read", "GET", statsKey, 401],
    ["a stats key does not even ask for headers", "HEAD", statsKey, 401],
    ["a stats key does not erase", "DELETE", statsKey, 401],
    ["an admin key reads", "GET", adminKey, 200],
    ["an admin key erases", "DELETE", adminKey, 200],
  ] as const)("%s", async ([, method, key, status], { db, ask }) => {
    await recordViews(db.$client, [
      aView({ modelId: await aModel(db), viewerIdentifier: "a viewer", viewedAt }),
    ]);
    for (const path of ["/v1/viewers/a%20viewer", "/v1/Viewers/a%20viewer/", "/V1/VIEWERS/a%20viewer"]) {
      expect((await ask(method, path, key)).status, path).toBe(status);
    }
    expect(await views(db)).toBe(method === "DELETE" && status === 200 ? 0 : 1);
  });

  test.for([
    ["a NUL", "GET", "/v1/viewers/a%00b", 422],
    ["a NUL", "DELETE", "/v1/viewers/a%00b", 422],
    ["256 characters", "GET", `/v1/viewers/${"a".repeat(256)}`, 422],
    ["255 characters", "GET", `/v1/viewers/${"a".repeat(255)}`, 200],
    ["broken encoding", "GET", "/v1/viewers/%ff", 400],
    ["a parameter that does not exist", "DELETE", "/v1/viewers/a?models=b", 422],
    ["no viewer", "DELETE", "/v1/viewers/", 404],
  ] as const)("with %s: %s", async ([, method, path, status], { ask }) => {
    expect((await ask(method, path)).status).toBe(status);
  });
});
