import {
  createActorName,
  createApiKeyCheck,
  createKeyName,
  namedKeys,
} from "@model-views/shared/http/api-keys.ts";
import { describe, expect } from "vitest";
import { createSessions } from "../src/guards/sessions.ts";
import { test as base, now } from "./api.ts";

const isDevelopment = false;
const HOUR_MS = 3_600_000;
const readers = namedKeys(["front-desk=a-key-that-may-read"]);
const admins = namedKeys(["anna=a-key-that-may-change"]);
const [readKey, adminKey] = ["a-key-that-may-read", "a-key-that-may-change"] as const;
const MODEL = "/v1/models/00000000-0000-4000-8000-0000000000aa";

const test = base
  .extend<{
    signIn: (key: string, headers?: Record<string, string>) => Promise<Response>;
    /** A session's cookie, as a browser sends it. */
    cookieOf: (key: string) => Promise<string>;
    /** Asks as a page of this service does, with a cookie. */
    askWith: (cookie: string, path: string, init?: RequestInit) => Promise<Response>;
  }>({
    signIn: ({ api }, use) =>
      use((key, headers = {}) =>
        api.ask("/v1/session", {
          method: "POST",
          headers: { "Content-Type": "application/json", ...headers },
          body: JSON.stringify({ key }),
        }),
      ),
    cookieOf: ({ signIn }, use) =>
      use(async (key) => {
        const response = await signIn(key);
        expect(response.status).toBe(204);
        return response.headers.get("set-cookie")?.split(";")[0] ?? "";
      }),
    askWith: ({ api }, use) =>
      use((cookie, path, init = {}) =>
        api.ask(path, { ...init, headers: { cookie, "sec-fetch-site": "same-origin", ...init.headers } }),
      ),
  })
  // Of this file alone: `base` is that of others too.
  .override({
    keys: {
      mayRead: createApiKeyCheck([readKey, adminKey], { isDevelopment }),
      mayChange: createApiKeyCheck([adminKey], { isDevelopment }),
    },
    deps: {
      sessionsAt: createSessions([readKey, adminKey]),
      keys: [{ name: "front-desk", kind: "stats", has: () => false }],
      keyName: createKeyName([...readers, ...admins]),
      adminName: createActorName(admins),
      clientAddress: ({ headers }) => String(headers["x-test-address"] ?? "203.0.113.1"),
    },
  });

describe("a session", () => {
  test("reads with a stats key, and changes with an admin's", async ({ cookieOf, askWith, db }) => {
    const [reader, admin] = [await cookieOf(readKey), await cookieOf(adminKey)];
    const put = { method: "PUT", headers: { "Content-Type": "application/json" }, body: '{"name":"Anna"}' };
    expect((await askWith(reader, "/v1/models")).status).toBe(200);
    expect((await askWith(reader, MODEL, put)).status).toBe(401);
    expect((await askWith(admin, MODEL, put)).status).toBe(201);
    const { rows } = await db.$client.query("select actor from audit_log");
    expect(rows).toEqual([{ actor: "anna" }]);
  });

  test("is a cookie that scripts and other sites do not get", async ({ signIn }) => {
    expect((await signIn(readKey)).headers.get("set-cookie")).toMatch(
      /^model_views_session=1\.[\w-]+\.\d+\.\d+\.[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await signIn(readKey, { "x-forwarded-proto": "https" })).headers.get("set-cookie")).toMatch(
      /^__Host-model_views_session=1\.[\w.-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test("tells who is signed in, and nothing of the site to others", async ({ api, cookieOf, askWith }) => {
    expect(await api.json("/v1/session")).toEqual({ isSignedIn: false });
    const cookie = await cookieOf(adminKey);
    expect(await (await askWith(cookie, "/v1/session")).json()).toMatchObject({
      isSignedIn: true,
      name: "anna",
      hasSession: true,
      mayChange: true,
      reportingTimeZone: "UTC",
      firstDay: null,
    });
    const withKey = await api.ask("/v1/session", { headers: { authorization: `Bearer ${readKey}` } });
    expect(await withKey.json()).toMatchObject({ name: "front-desk", hasSession: false, mayChange: false });
  });

  test("ends when it is not used for 12 hours, and is renewed while it is", async ({
    cookieOf,
    askWith,
    clock,
  }) => {
    const cookie = await cookieOf(readKey);
    const before = clock.now.getTime();
    const at = async (hours: number, sent = cookie) => {
      clock.now = new Date(before + hours * HOUR_MS);
      return askWith(sent, "/v1/models");
    };
    expect((await at(0)).headers.get("set-cookie"), "not at each request").toBeNull();
    const renewed = (await at(11.9)).headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await at(12)).status).toBe(401);
    expect((await at(23.8, renewed)).status).toBe(200);
    clock.now = now;
  });

  test("ends the live stream that was opened with it", async ({ cookieOf, askWith, clock, db }) => {
    const cookie = await cookieOf(readKey);
    clock.now = new Date(clock.now.getTime() + 12 * HOUR_MS - 50);
    const response = await askWith(cookie, "/v1/live");
    clock.now = now;
    expect(response.status).toBe(200);
    // The text of a stream is complete only when it has ended.
    expect(await response.text()).toMatch(/^retry: /);
    await expect.poll(() => db.$client.totalCount - db.$client.idleCount).toBe(0);
  });

  test("does not replace a key in the headers, wrong as it may be", async ({ cookieOf, askWith }) => {
    const cookie = await cookieOf(adminKey);
    const headers = { authorization: "Bearer a-key-that-opens-nothing" };
    expect((await askWith(cookie, "/v1/models", { headers })).status).toBe(401);
  });

  test("is ended by signing out, in the browser", async ({ cookieOf, askWith }) => {
    const cookie = await cookieOf(readKey);
    const response = await askWith(cookie, "/v1/session", { method: "DELETE" });
    expect(response.status).toBe(204);
    expect(response.headers.get("set-cookie")).toMatch(/^model_views_session=; .*Expires=Thu, 01 Jan 1970/);
  });
});

describe("what a page of another site sends with the cookie", () => {
  const cases: [headers: Record<string, string>, status: number][] = [
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ "sec-fetch-site": "none" }, 403],
    [{ "sec-fetch-site": "", origin: "https://evil.example" }, 403],
    [{ "sec-fetch-site": "cross-site", authorization: `Bearer ${adminKey}` }, 404],
  ];
  test.for(cases)("changes nothing: %j", async ([headers, status], { cookieOf, askWith }) => {
    const cookie = await cookieOf(adminKey);
    expect((await askWith(cookie, MODEL, { method: "DELETE", headers })).status).toBe(status);
  });

  test("does not sign in with a key of its choice", async ({ signIn }) => {
    expect((await signIn(readKey, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await signIn(readKey, { origin: "https://evil.example" })).status).toBe(403);
    expect((await signIn(readKey, { "sec-fetch-site": "same-origin" })).status).toBe(204);
  });
});

describe("a forged session", () => {
  const text = createSessions([readKey])(() => now.getTime()).begin(readKey) ?? "";
  const [version, id, started, ends, signature = ""] = text.split(".");
  const later = String(Number(ends) + HOUR_MS);
  const otherKey = createSessions(["another key, quite long"])(() => now.getTime()).begin(
    "another key, quite long",
  );
  const cases: [what: string, text: string | undefined][] = [
    ["that ends later", [version, id, started, later, signature].join(".")],
    ["without a signature", [version, id, started, ends, ""].join(".")],
    ["with half of the signature", [version, id, started, ends, signature.slice(0, 20)].join(".")],
    ["of a key that is not in the settings", otherKey],
    ["of the id of another key", [version, otherKey?.split(".")[1], started, ends, signature].join(".")],
    ["of another version", ["2", id, started, ends, signature].join(".")],
    ["of a number that is none", [version, id, "1e9", ends, signature].join(".")],
    ["of nothing", ""],
  ];
  test.for(cases)("%s reads nothing", async ([, forged], { askWith }) => {
    expect((await askWith(`model_views_session=${text}`, "/v1/models")).status).toBe(200);
    expect((await askWith(`model_views_session=${forged}`, "/v1/models")).status).toBe(401);
  });
});

const sessionText = createSessions([readKey])(() => now.getTime()).begin(readKey) ?? "";

test("a session that another host of the same site sets does not count where the dashboard has TLS", async ({
  cookieOf,
  askWith,
}) => {
  const [name, text] = (await cookieOf(adminKey)).split("=");
  const headers = { "x-forwarded-proto": "https" };
  expect((await askWith(`${name}=${text}`, "/v1/models", { headers })).status).toBe(401);
  const own = `${name}=${text}; __Host-model_views_session=${sessionText}`;
  expect(await (await askWith(own, "/v1/session", { headers })).json()).toMatchObject({ name: "front-desk" });
});

test("signing out where the dashboard has TLS deletes that cookie", async ({ askWith }) => {
  const cookie = `__Host-model_views_session=${sessionText}`;
  const headers = { "x-forwarded-proto": "https" };
  const response = await askWith(cookie, "/v1/session", { method: "DELETE", headers });
  expect(response.headers.get("set-cookie")).toMatch(/^__Host-model_views_session=; Path=\/; .*Secure/);
});

test("a session reveals neither the key nor its name", () => {
  const text = createSessions([readKey])(() => 0).begin(readKey) ?? "";
  const parts = text.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
  expect(`${text} ${parts.join(" ")}`).not.toMatch(/may-read|front-desk/);
});

test("ten wrong keys of an address make it wait; others sign in, and each wrong key is counted", async ({
  signIn,
}) => {
  const from = (address: string, key: string) => signIn(key, { "x-test-address": address });
  const statuses = [];
  for (let times = 0; times < 11; times += 1)
    statuses.push((await from("203.0.113.9", `wrong ${times}`)).status);
  expect(statuses).toEqual([...Array(10).fill(401), 429]);
  expect((await from("203.0.113.9", readKey)).status, "a right key passes").toBe(204);
  const refused = await from("203.0.113.9", "another wrong one");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await from("203.0.113.10", readKey)).status).toBe(204);
});
