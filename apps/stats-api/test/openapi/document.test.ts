import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect } from "vitest";
import { createStatsApi } from "../../src/app.ts";
import { routeGroups } from "../../src/routes/all.ts";
import { openDeps, test } from "../api.ts";
import { documentSchema, operationsOf } from "./read-document.ts";
import { routesOf } from "./routes-of.ts";

describe("GET /openapi.json", () => {
  test("is an OpenAPI 3.1 document", async ({ api }) => {
    const document = (await api.json("/openapi.json")) as Record<string, unknown>;
    expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) });
    expect(await new Validator().validate(document)).toEqual({ valid: true });
  });

  test("has every route of Express, and no other", async ({ db, api }) => {
    const none = () => false;
    const app = createStatsApi({
      ...openDeps,
      db,
      adminDb: db,
      mayRead: none,
      mayChange: none,
      readiness: () => expect.unreachable("is not asked"),
      metrics: createMetrics(),
    });
    const document = documentSchema.parse(await api.json("/openapi.json"));
    const named = operationsOf(document).map(
      ({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    );
    // A page for people, which is not part of the API.
    const routes = routesOf(app).filter((route) => !route.startsWith("GET /docs"));
    expect(routes).toContain("PUT /v1/models/:modelId");
    expect(named.toSorted()).toEqual(routes.toSorted());
  });

  test("describes every parameter, and how to send it", async ({ api }) => {
    const { paths } = (await api.json("/openapi.json")) as {
      paths: Record<string, Record<string, { parameters?: { name: string; description?: string }[] }>>;
    };
    const parameters = Object.values(paths).flatMap((methods) =>
      Object.values(methods).flatMap((operation) => operation.parameters ?? []),
    );
    expect(parameters.filter(({ description }) => !description)).toEqual([]);
    expect(paths["/v1/models/top"]?.["get"]?.parameters?.find(({ name }) => name === "limit")).toMatchObject({
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 100, default: 10 },
    });
    expect(
      paths["/v1/models/top"]?.["get"]?.parameters?.find(({ name }) => name === "halfLifeDays"),
    ).toMatchObject({
      required: false,
      schema: { type: "number", exclusiveMinimum: 0, maximum: 365 },
    });
    expect(paths["/v1/models/stats"]?.["get"]?.parameters?.find(({ name }) => name === "ids")).toMatchObject({
      required: true,
      style: "form",
      explode: false,
      schema: { type: "array", minItems: 1, maxItems: 200, items: { type: "string", format: "uuid" } },
    });
  });

  test("every route below /v1 but those of the session needs a key: an admin's when it changes something or is about a viewer, which is audited", () => {
    for (const { id, method, path, access, audit } of routeGroups.flatMap(({ routes }) => routes)) {
      if (path === "/v1/session") {
        expect([access, audit], id).toEqual(["anyone", undefined]);
        continue;
      }
      const forAdmins = method !== "get" || path.startsWith("/v1/viewers/");
      expect(access, id).toBe(forAdmins ? "admin" : path.startsWith("/v1/") ? "read" : "none");
      expect(audit !== undefined, id).toBe(forAdmins);
    }
  });

  test("the names of operations are unique", () => {
    const ids = routeGroups.flatMap(({ routes }) => routes.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("is a 304 for a client that has it", async ({ api }) => {
    const first = await api.ask("/openapi.json");
    expect(first.headers.get("cache-control")).toBe("no-cache");
    // A strong tag, unlike that of answers: times in its examples are part of the text.
    expect(first.headers.get("etag")).toMatch(/^"[\w-]{22}"$/);
    // Without the last header, fetch would add `no-cache`.
    const headers = { "if-none-match": first.headers.get("etag") ?? "", "cache-control": "max-age=0" };
    const again = await api.ask("/openapi.json", { headers });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
  });
});
