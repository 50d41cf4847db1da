import { once } from "node:events";
import { connect } from "node:net";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { createReadiness } from "@model-views/shared/http/health.ts";
import fc from "fast-check";
import { test as base, describe, expect } from "vitest";
import type { IngestDeps } from "../src/app.ts";
import { createEnrichView } from "../src/view/enrich-view.ts";
import { createViewers } from "../src/viewer/viewers.ts";
import {
  KEY,
  modelId,
  noFacts,
  now,
  type RunningIngest,
  salt,
  salts,
  startIngest,
  viewerSettings,
} from "./start-ingest.ts";

type Ingest = RunningIngest & { post: (body: unknown, init?: RequestInit) => Promise<Response> };

const test = base.extend<{ deps: Partial<IngestDeps>; ingest: Ingest }>({
  deps: {},
  ingest: async ({ deps }, use) => {
    const ingest = await startIngest({ clientAddress: () => "203.0.113.9", ...deps });
    const post = (body: unknown, init: RequestInit = {}) =>
      fetch(`${ingest.url}/v1/views`, {
        method: "POST",
        body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
        ...init,
        headers: { "content-type": "application/json", ...init.headers },
      });
    await use({ ...ingest, post });
    await ingest.stop();
  },
});

const withKey = { headers: { authorization: `Bearer ${KEY}` } };

describe("POST /v1/views", () => {
  test("accepts a view, with an id and the time it is", async ({ ingest }) => {
    const response = await ingest.post({ modelId, colour: "an unknown field" });
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    expect(ingest.accepted).toEqual([
      [
        {
          id,
          modelId,
          viewedAt: now.toISOString(),
          viewerIdentifier: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
    ]);
  });

  test("keeps the id and the time that are given, so that a retry is the same view", async ({ ingest }) => {
    const view = {
      modelId,
      id: "0190BBBB-0000-4000-8000-000000000001",
      viewedAt: "2026-11-22T12:58:00+01:00",
    };
    expect(await (await ingest.post(view)).json()).toEqual({ id: view.id.toLowerCase() });
    await ingest.post(view);
    const [[first] = [], [second] = []] = ingest.accepted;
    expect(first).toMatchObject({ id: view.id.toLowerCase(), viewedAt: "2026-11-22T11:58:00.000Z" });
    expect({ ...second, viewerIdentifier: "" }).toEqual({ ...first, viewerIdentifier: "" });
  });

  test("marks a view whose time it replaced", async ({ ingest }) => {
    await ingest.post({ modelId, viewedAt: "2020-01-01T00:00:00Z" });
    expect(ingest.accepted).toMatchObject([[{ viewedAt: now.toISOString(), viewedAtReplaced: true }]]);
  });

  test("gives a viewer without a cookie one, and knows a viewer with one", async ({ ingest }) => {
    const first = await ingest.post({ modelId });
    const setCookie = first.headers.get("set-cookie") ?? "";
    const [, viewerId = ""] = /^viewer_id=([0-9a-f-]{36}); /.exec(setCookie) ?? [];
    expect(setCookie).toBe(`viewer_id=${viewerId}; Max-Age=31536000; Path=/; HttpOnly; Secure; SameSite=Lax`);
    const second = await ingest.post({ modelId }, { headers: { cookie: `a=b; viewer_id=${viewerId}` } });
    expect(second.headers.get("set-cookie")).toBeNull();
    expect(ingest.accepted.flat().map((view) => view.viewerIdentifier)).toEqual(
      Array(2).fill(viewerIdentifierOf(viewerId, salt)),
    );
  });

  test("gives a new cookie to a viewer whose cookie is not ours", async ({ ingest }) => {
    const response = await ingest.post({ modelId }, { headers: { cookie: "viewer_id=admin" } });
    expect(response.headers.get("set-cookie")).toMatch(/^viewer_id=/);
  });

  test("takes a beacon's text/plain", async ({ ingest }) => {
    const response = await ingest.post(
      { modelId },
      { headers: { "content-type": "text/plain;charset=UTF-8" } },
    );
    expect(response.status).toBe(202);
  });

  test.for([
    ["viewerIdentifier", { viewerIdentifier: "somebody" }],
    ["viewerId", { viewerId: "somebody" }],
    ["ipAddress", { ipAddress: "1.1.1.1" }],
    ["userAgent", { userAgent: "A browser" }],
  ] as const)("lets nobody without a key say %s", async ([name, field], { ingest }) => {
    const response = await ingest.post({ modelId, ...field });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ status: 401, detail: expect.stringContaining(name) });
    expect(ingest.accepted).toEqual([]);
  });

  test("lets a server say who viewed, and hashes the website's own id", async ({ ingest }) => {
    await ingest.post({ modelId, viewerIdentifier: "as it is" }, withKey);
    const response = await ingest.post({ modelId, viewerId: "member 7" }, withKey);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(ingest.accepted.flat().map((view) => view.viewerIdentifier)).toEqual([
      "as it is",
      viewerIdentifierOf("member 7", salt),
    ]);
  });

  describe("without cookies", () => {
    const viewers = createViewers({ ...viewerSettings, mode: "cookieless" }, salts);
    test.override({ deps: { viewers } });
    test("knows the viewers that a server reports by what it says of them, and not by the server", async ({
      ingest,
    }) => {
      const report = (userAgent: string) =>
        ingest.post({ modelId, ipAddress: "198.51.100.7", userAgent }, withKey);
      for (const userAgent of ["Firefox", "Safari", "Firefox"]) {
        expect((await report(userAgent)).headers.get("set-cookie")).toBeNull();
      }
      const [first, second, third] = ingest.accepted.flat().map((view) => view.viewerIdentifier);
      expect(third).toBe(first);
      expect(second).not.toBe(first);
    });
  });

  describe("with everything stored", () => {
    test.override({
      deps: { enrichView: createEnrichView({ storeIp: "truncated", storeUserAgent: true }, noFacts) },
    });
    test("takes address and user agent from the connection, or from a server", async ({ ingest }) => {
      await ingest.post({ modelId }, { headers: { "user-agent": "Tests" } });
      await ingest.post({ modelId, viewerId: "7", ipAddress: "198.51.100.77", userAgent: "Phone" }, withKey);
      expect(ingest.accepted).toMatchObject([
        [{ ipAddress: "203.0.113.0", userAgent: "Tests" }],
        [{ ipAddress: "198.51.100.0", userAgent: "Phone" }],
      ]);
    });
  });

  describe("with nothing to take the view", () => {
    const refused: number[] = [];
    const accept = () => Promise.reject(new Error("Connection is closed"));
    test.override({ deps: { accept, onRefused: (_error, views) => refused.push(views) } });
    test("answers 503 with when to try again, and sets no cookie", async ({ ingest }) => {
      const response = await ingest.post({ modelId });
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("5");
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(refused).toEqual([1]);
    });

    test("says how to send it again as the same view, to any ingest and whatever the browser's clock says", async ({
      ingest,
    }) => {
      const response = await ingest.post({ modelId, viewedAt: "2020-01-01T00:00:00Z" });
      const { detail } = (await response.json()) as { detail: string };
      const [, id, viewedAt] = /send it again with id (\S+) and viewedAt (\S+), so/.exec(detail) ?? [];
      const other = await startIngest({ now: () => new Date(now.getTime() + 4 * 60_000) });
      await fetch(`${other.url}/v1/views`, {
        method: "POST",
        body: JSON.stringify({ modelId, id, viewedAt }),
        headers: { "content-type": "application/json" },
      });
      expect(other.accepted).toEqual([[expect.objectContaining({ id, viewedAt: now.toISOString() })]]);
      expect(viewedAt).toBe(now.toISOString());
      await other.stop();
    });
  });

  const utf16 = new Uint8Array(Buffer.from(JSON.stringify({ modelId }), "utf16le"));
  const long = JSON.stringify({ modelId, path: "x".repeat(33 * 1024) });
  test.for([
    ["JSON that is cut off", `{"modelId":"${modelId}"`, {}, 400],
    ["an empty body", "", {}, 400],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 400],
    ["UTF-16", utf16, {}, 400],
    ["33 KB", long, {}, 413],
    ["a form", "modelId=1", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["no type", new Uint8Array([0x7b, 0x7d]), { "content-type": "" }, 415],
    ["another charset", "{}", { "content-type": "application/json; charset=latin1" }, 415],
    ["a compressed body", "{}", { "content-encoding": "gzip" }, 415],
    ["a number", "1", {}, 422],
    ["a model that is none", { modelId: "anna" }, {}, 422],
    ["an id that is none", { modelId, id: {} }, {}, 422],
    ["a time of the year 275760", { modelId, viewedAt: "+275760-09-13T00:00:00Z" }, {}, 422],
    ["a viewer with a NUL character", { modelId, viewerId: "\0" }, {}, 422],
    ["a viewer with a lone surrogate", `{"modelId":"${modelId}","viewerId":"\\ud800"}`, {}, 422],
    ["JSON 15,000 deep", `{"modelId":${"[".repeat(15_000)}${"]".repeat(15_000)}}`, {}, 422],
    ["a model behind __proto__", `{"__proto__":{"modelId":"${modelId}"}}`, {}, 422],
  ] as const)("refuses %s as a problem", async ([, body, headers, status], { ingest }) => {
    const response = await ingest.post(body, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(await response.json()).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(ingest.accepted).toEqual([]);
  });

  test("answers any JSON with 202 or a problem that names a field, and never fails", {
    timeout: 120_000,
  }, async ({ ingest }) => {
    const field = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    );
    const name = fc.constantFrom(
      "modelId",
      "id",
      "viewedAt",
      "path",
      "referrer",
      "viewerIdentifier",
      "__proto__",
      "x",
    );
    const body = fc
      .array(fc.tuple(name, field), { maxLength: 5 })
      .map(
        (fields) => `{"modelId":"${modelId}"${fields.map(([key, value]) => `,"${key}":${value}`).join("")}}`,
      );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const before = ingest.accepted.length;
        const response = await ingest.post(text, withKey);
        const answer = (await response.json()) as { id?: string; errors?: { path: string }[] };
        if (response.status === 202) expect(ingest.accepted.at(-1)?.[0]?.id).toBe(answer.id);
        else {
          expect(response.status).toBe(422);
          expect(answer.errors?.[0]?.path).not.toBe("");
          expect(ingest.accepted).toHaveLength(before);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  const minimal = `"modelId":"${modelId}"`;
  test.for([
    ["a byte order mark", `\ufeff{${minimal}}`, 202],
    ["white space around it", ` \t\r\n{${minimal}} \n`, 202],
    ["the model twice, the last of which counts", `{"modelId":"x",${minimal}}`, 202],
    ["escapes in a name", `{"\\u006dodelId":"${modelId}"}`, 202],
    ["a number too large for anything", `{${minimal},"x":1e999}`, 202],
    ["keys that every object has", `{${minimal},"constructor":1,"toString":2,"hasOwnProperty":3}`, 202],
    ["a comma at the end", `{${minimal},}`, 400],
    ["a comment", `{${minimal}/* */}`, 400],
    ["single quotes", `{'modelId':'${modelId}'}`, 400],
    ["two values", `{${minimal}}{${minimal}}`, 400],
    ["NaN", `{${minimal},"x":NaN}`, 400],
    ["a raw control character in a string", `{${minimal},"x":"\u0001"}`, 400],
    ["a raw NUL", "\0", 400],
    ["half an escape", `{${minimal},"x":"\\u12"}`, 400],
    ["15,000 open brackets", "[".repeat(15_000), 400],
    ["a list of itself", `[{${minimal}}]`, 422],
    ["true", "true", 422],
    ["null", "null", 422],
  ] as const)("answers JSON with %s", async ([, body, status], { ingest }) => {
    expect((await ingest.post(body)).status).toBe(status);
    expect(ingest.accepted).toHaveLength(status === 202 ? 1 : 0);
  });

  test("takes JSON 15,000 deep in a field that nobody knows", async ({ ingest }) => {
    const response = await ingest.post(
      `{"modelId":"${modelId}","x":${"[".repeat(15_000)}${"]".repeat(15_000)}}`,
    );
    expect(response.status).toBe(202);
  });

  test("stops reading a body without an announced length at 32 KB, and answers", async ({ ingest }) => {
    const socket = connect(ingest.port, "127.0.0.1");
    socket.write(
      "POST /v1/views HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    socket.write(`9000\r\n${"x".repeat(0x9000)}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    await once(socket, "close");
    expect(ingest.accepted).toEqual([]);
  });

  test("survives a sender who hangs up in the middle", async ({ ingest }) => {
    const socket = connect(ingest.port, "127.0.0.1");
    socket.write(
      "POST /v1/views HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
    );
    socket.resetAndDestroy();
    await once(socket, "close");
    expect((await ingest.post({ modelId })).status).toBe(202);
  });

  test.for(["GET", "PUT", "DELETE"])("answers %s with what it takes instead", async (method, { ingest }) => {
    const response = await fetch(`${ingest.url}/v1/views`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  test("takes a view posted to the same path in another spelling", async ({ ingest }) => {
    const body = JSON.stringify({ modelId });
    const headers = { "content-type": "application/json" };
    for (const path of ["/v1/views/", "/v1/views?utm_source=x"]) {
      expect((await fetch(ingest.url + path, { method: "POST", body, headers })).status).toBe(202);
    }
  });

  test("answers a path that is not there with a problem", async ({ ingest }) => {
    const response = await fetch(`${ingest.url}/v1/viewz`, { method: "POST" });
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/problem/);
  });

  test("answers a path that cannot be decoded with a problem", async ({ ingest }) => {
    const response = await fetch(`${ingest.url}/%E0%A4%A`);
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get("content-type")).toMatch(/problem/);
  });
});

describe("POST /v1/views/batch", () => {
  const batch = (ingest: Ingest, body: unknown, init: RequestInit = withKey) =>
    fetch(`${ingest.url}/v1/views/batch`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...init.headers },
    });

  test("accepts the good views together and lists the bad ones", async ({ ingest }) => {
    const good = { modelId, viewerId: "7" };
    const response = await batch(ingest, { views: [good, { modelId: 5 }, good, "x", { modelId, id: "y" }] });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      accepted: 2,
      rejected: [
        { index: 1, errors: [{ path: "modelId", message: "must be a UUID" }] },
        { index: 3, errors: [{ path: "", message: expect.any(String) }] },
        { index: 4, errors: [{ path: "id", message: "must be a UUID" }] },
      ],
    });
    expect(ingest.accepted.map((views) => views.length)).toEqual([2]);
  });

  test("answers a batch of nothing but bad views without asking the queue", async ({ ingest }) => {
    const response = await batch(ingest, { views: [1] });
    expect(await response.json()).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
    expect(ingest.accepted).toEqual([]);
  });

  test("takes old times in a backfill, and refuses implausible ones instead of replacing them", async ({
    ingest,
  }) => {
    const view = { modelId, viewerId: "7" };
    const times = ["2015-05-20T21:05:35Z", "2026-12-24T00:00:00Z", "1970-01-01T00:00:00Z"];
    const views = times.map((viewedAt) => ({ ...view, viewedAt }));
    const response = await batch(ingest, { backfill: true, views });
    expect(await response.json()).toMatchObject({ accepted: 1, rejected: [{ index: 1 }, { index: 2 }] });
    expect(ingest.accepted).toMatchObject([[{ viewedAt: "2015-05-20T21:05:35.000Z" }]]);
    await batch(ingest, { views: views.slice(0, 1) });
    expect(ingest.accepted[1]).toMatchObject([{ viewedAt: now.toISOString(), viewedAtReplaced: true }]);
  });

  test("needs a key", async ({ ingest }) => {
    const response = await batch(ingest, { views: [{ modelId, viewerId: "7" }] }, {});
    expect(response.status).toBe(401);
    expect(ingest.accepted).toEqual([]);
  });

  test.for([
    ["no views", { views: [] }],
    ["501 views", { views: Array(501).fill(1) }],
    ["no list", { views: {} }],
    ["nothing", {}],
  ] as const)("refuses %s", async ([, body], { ingest }) => {
    const response = await batch(ingest, body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "views" }] });
  });
});

describe("readiness", () => {
  test.override({
    deps: {
      readiness: createReadiness({
        redis: async () => "ok",
        other: () => Promise.reject(new Error("192.0.2.1 is away")),
      }),
    },
  });
  test("is told to the public without reasons, and metrics are not", async ({ ingest }) => {
    const response = await fetch(`${ingest.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "not ready" });
    expect((await fetch(`${ingest.url}/livez`)).status).toBe(200);
    expect((await fetch(`${ingest.url}/metrics`)).status).toBe(404);
  });
});
