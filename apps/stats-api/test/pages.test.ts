import { request } from "node:http";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { aModel } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { type Api, test } from "./api.ts";

const DASHBOARD = "https://stats.example.org";
const KEY = "a-key-that-reads";
const withKey = { authorization: `Bearer ${KEY}` };

/** Asks with headers that `fetch` does not let a program set. */
async function statusOf(api: Api, method: string, path: string, headers: Record<string, string>) {
  const { url } = await api.ask("/livez");
  return new Promise<number | undefined>((resolve, reject) => {
    const asked = request(new URL(path, url), { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject).end();
  });
}

describe("in development without keys, a page", () => {
  const path = "/v1/models/0190aaaa-0000-7000-8000-000000000001";
  const host = "127.0.0.1:4002";

  test.for([
    ["that has pointed its own name to this service", { host: "rebind.evil.example" }, 401],
    ["of another site", { host, origin: "https://evil.example" }, 401],
    ["of another port of this machine", { host, origin: "http://127.0.0.1:5173" }, 401],
    ["in a sandbox", { host, origin: "null" }, 401],
    ["of another site, by an image", { host, "sec-fetch-site": "cross-site" }, 401],
    ["of this service itself", { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }, 404],
    ["that is really a program", { host }, 404],
  ] as const)("%s", async ([, headers, status], { api }) => {
    expect(await statusOf(api, "GET", path, headers)).toBe(status);
    expect(await statusOf(api, "DELETE", path, headers)).toBe(status);
  });

  describe("of an origin in STATS_ALLOWED_ORIGINS", () => {
    test.override({ deps: { allowedOrigins: ["http://127.0.0.1:5173"] } });
    test("may ask", async ({ api }) => {
      const headers = { host, origin: "http://127.0.0.1:5173", "sec-fetch-site": "same-site" };
      expect(await statusOf(api, "GET", path, headers)).toBe(404);
    });
  });
});

describe("pages of another origin", () => {
  const keys = createApiKeyCheck([KEY], { isDevelopment: false });
  test.override({
    keys: { mayRead: keys, mayChange: keys },
    deps: { allowedOrigins: [DASHBOARD, "http://localhost:3000"] },
  });

  const preflight = (api: Api, origin: string, method = "GET") =>
    api.ask("/v1/models/top", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization",
      },
    });

  test("may send a preflight without a key, and then ask and read", async ({ db, api }) => {
    await aModel(db);
    const first = await preflight(api, DASHBOARD, "PUT");
    expect(first.status).toBe(204);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      "access-control-allow-origin": DASHBOARD,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE",
      "access-control-allow-headers": expect.stringMatching(/Authorization/),
      "access-control-max-age": "7200",
    });
    const answer = await api.ask("/v1/models/top", { headers: { ...withKey, origin: DASHBOARD } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(DASHBOARD);
    expect(answer.headers.get("access-control-expose-headers")).toMatch(/ETag, Age/);
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    expect(answer.headers.get("vary")).toMatch(/Origin/);
    expect(answer.headers.get("vary")).toMatch(/Authorization/);
  });

  test("may listen to the live stats", async ({ api, db }) => {
    const leaving = new AbortController();
    const headers = { ...withKey, origin: DASHBOARD };
    const live = await api.ask("/v1/live", { headers, signal: leaving.signal });
    expect(live.headers.get("access-control-allow-origin")).toBe(DASHBOARD);
    expect(live.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("event: figures"); ) {
      const read = await reader?.read();
      expect(read?.done).toBe(false);
      text += read?.value;
    }
    leaving.abort();
    await expect.poll(() => db.$client.idleCount).toBe(db.$client.totalCount);
  });

  test("may read a refusal", async ({ api }) => {
    const refused = await api.ask("/v1/models/top", { headers: { origin: DASHBOARD } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("access-control-allow-origin")).toBe(DASHBOARD);
  });

  test("that are not in STATS_ALLOWED_ORIGINS may not", async ({ api }) => {
    for (const origin of [
      "https://evil.example",
      `${DASHBOARD}.evil.example`,
      "http://stats.example.org",
      "null",
    ]) {
      const first = await preflight(api, origin);
      expect(first.status, origin).toBe(403);
      expect(first.headers.get("access-control-allow-origin")).toBeNull();
      const answer = await api.ask("/v1/models/top", { headers: { ...withKey, origin } });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("vary")).toMatch(/Origin/);
    }
  });

  describe("without STATS_ALLOWED_ORIGINS", () => {
    test.override({ deps: { allowedOrigins: [] } });
    test("may not", async ({ api }) => {
      expect((await preflight(api, DASHBOARD)).status).toBe(401);
      const answer = await api.ask("/v1/models/top", { headers: { ...withKey, origin: DASHBOARD } });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    });
  });
});
