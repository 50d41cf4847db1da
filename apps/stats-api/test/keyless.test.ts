import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { describe, expect, vi } from "vitest";
import { test } from "./api.ts";

const STATS_KEY = "a-key-that-reads";
const withKey = { headers: { authorization: `Bearer ${STATS_KEY}` } };
const withWrongKey = { headers: { authorization: "Bearer a-key-that-opens-nothing" } };
const isDevelopment = false;

describe("a client without a key", () => {
  const onWrongKey = vi.fn();
  const onRefusal = vi.fn();
  test.override({
    keys: {
      mayRead: createApiKeyCheck([STATS_KEY], { isDevelopment }),
      mayChange: createApiKeyCheck(["a-key-that-changes"], { isDevelopment }),
    },
  });
  test.beforeEach(({ task: _ }) => {
    onWrongKey.mockClear();
    onRefusal.mockClear();
  });

  describe("from one address", () => {
    test.override({
      deps: {
        rateLimit: createRateLimit(3),
        clientAddress: ({ headers }) => String(headers["x-test-address"]),
        onWrongKey,
        onRefusal,
      },
    });

    test("is limited to so many requests a minute; requests with a key and for health are not", async ({
      api,
    }) => {
      const from = (address: string, path: string, init: { headers?: Record<string, string> } = {}) =>
        api.ask(path, { ...init, headers: { "x-test-address": address, ...init.headers } });
      const statuses = [];
      for (const path of ["/openapi.json", "/v1/models", "/nothing", "/v1/models", "/docs/"]) {
        statuses.push((await from("203.0.113.9", path)).status);
      }
      expect(statuses).toEqual([200, 401, 404, 429, 429]);
      const refused = await from("203.0.113.9", "/v1/models", withWrongKey);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(refused.headers.get("ratelimit-policy")).toBe('"keyless";q=3;w=60');
      expect(refused.headers.get("connection")).toBe("close");
      expect((await from("203.0.113.10", "/openapi.json")).status).toBe(200);
      for (let times = 0; times < 10; times += 1) {
        expect((await from("203.0.113.9", "/v1/models", withKey)).status).toBe(200);
        expect((await from("203.0.113.9", "/readyz")).status).toBe(200);
        expect((await from("203.0.113.9", "/livez")).status).toBe(200);
      }
      expect(onWrongKey).toHaveBeenCalledOnce();
      expect(onRefusal.mock.calls.map(([{ status, reason }]) => `${status} ${reason}`)).toEqual([
        "401 key-needed",
        "404 not-found",
        ...Array(3).fill("429 too-many-requests"),
      ]);
    });
  });
});

test("wrong keys and refusals are in the metrics, and the owner is warned", async ({ start }) => {
  const keys = { NODE_ENV: "production", HOST: "127.0.0.1", ADMIN_KEYS: "a-key-that-changes" };
  const { url, adminUrl, logged } = await start("stats-api", { ...keys, STATS_KEYS: STATS_KEY });
  for (let times = 0; times < 5; times += 1) {
    expect((await fetch(`${url}/v1/models`, withWrongKey)).status).toBe(401);
  }
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/^model_views_stats_wrong_keys_total 5$/m);
  expect(metrics).toMatch(
    /^model_views_stats_refused_requests_total\{status="401",reason="key-needed"\} 5$/m,
  );
  // An answer may be a second old.
  await expect
    .poll(async () => (await fetch(`${adminUrl}/readyz`)).json())
    .toMatchObject({ warnings: [expect.stringMatching(/a key that is none of STATS_KEYS and ADMIN_KEYS/)] });
  expect(logged.filter((line) => line.includes("wrong-key"))).toHaveLength(1);
  expect(logged.filter((line) => line.includes("requests are refused"))).toHaveLength(1);
});
