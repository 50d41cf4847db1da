import { once } from "node:events";
import { connect } from "node:net";
import { isPageToken, signPageToken } from "@model-views/shared/contracts/page-token.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { originsSchema } from "@model-views/shared/http/origins.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { test as base, describe, expect } from "vitest";
import type { IngestDeps } from "../src/app.ts";
import { checkOrigin } from "../src/guards/check-origin.ts";
import { createEnrichView } from "../src/view/enrich-view.ts";
import { KEY, modelId, noFacts, now, SITE, startIngest } from "./start-ingest.ts";

const otherModelId = "0190aaaa-0000-7000-8000-000000000002";
const withKey = { authorization: `Bearer ${KEY}` };

type Ingest = {
  url: string;
  port: number;
  accepted: ViewEvent[];
  post: (headers?: Record<string, string>, view?: object) => Promise<Response>;
};

/** Ingest in production, with one site allowed. */
const test = base.extend<{ deps: Partial<IngestDeps>; ingest: Ingest }>({
  deps: {},
  ingest: async ({ deps }, use) => {
    const accepted: ViewEvent[] = [];
    const { url, port, stop } = await startIngest({
      accept: async (views) => void accepted.push(...views),
      checkOrigin: checkOrigin([SITE, "https://shop.example.org"], { isDevelopment: false }),
      enrichView: createEnrichView({ storeIp: "full", storeUserAgent: false }, noFacts),
      ...deps,
    });
    const post = (headers: Record<string, string> = {}, view: object = { modelId }) =>
      fetch(`${url}/v1/views`, {
        method: "POST",
        body: JSON.stringify(view),
        headers: { "content-type": "text/plain;charset=UTF-8", ...headers },
      });
    await use({ url, port, accepted, post });
    await stop();
  },
});

describe("the page that a view comes from", () => {
  test.for([
    ["an allowed origin", { origin: SITE }, 202],
    ["another allowed origin", { origin: "https://shop.example.org" }, 202],
    ["a forbidden origin", { origin: "https://evil.example" }, 403],
    ["an allowed host by http", { origin: "http://www.example.org" }, 403],
    ["a host that begins like an allowed one", { origin: `${SITE}.evil.example` }, 403],
    ["a sandboxed page", { origin: "null" }, 403],
    ["a forbidden origin with a server's key", { origin: "https://evil.example", ...withKey }, 403],
    ["a page that says only its address", { referer: `${SITE}/models/anna` }, 202],
    ["a forbidden page that says only its address", { referer: "https://evil.example/" }, 403],
    ["a cross-site page that says nothing", { "sec-fetch-site": "cross-site" }, 403],
    ["no page", {}, 202],
  ] as const)("%s: %#", async ([, headers, status], { ingest }) => {
    const response = await ingest.post(headers);
    expect(response.status).toBe(status);
    expect(ingest.accepted).toHaveLength(status === 202 ? 1 : 0);
    if (status === 403)
      expect(await response.json()).toMatchObject({ type: "urn:model-views:problem:forbidden-origin" });
  });

  test("is named exactly in the answer, with credentials, and only when it is allowed", async ({
    ingest,
  }) => {
    const allowed = await ingest.post({ origin: SITE });
    expect(allowed.headers.get("access-control-allow-origin")).toBe(SITE);
    expect(allowed.headers.get("access-control-allow-credentials")).toBe("true");
    expect(allowed.headers.get("vary")).toBe("Origin");
    const forbidden = await ingest.post({ origin: "https://evil.example" });
    expect(forbidden.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("may read a refusal too", async ({ ingest }) => {
    const response = await ingest.post({ origin: SITE }, { modelId: "anna" });
    expect(response.status).toBe(422);
    expect(response.headers.get("access-control-allow-origin")).toBe(SITE);
  });

  test("may ask first", async ({ ingest }) => {
    const ask = (origin: string) =>
      fetch(`${ingest.url}/v1/views`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const allowed = await ask(SITE);
    expect(allowed.status).toBe(204);
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      "access-control-allow-origin": SITE,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "Content-Type",
      "access-control-max-age": "7200",
    });
    expect((await ask("https://evil.example")).status).toBe(403);
  });

  describe("without a list, in production", () => {
    test.override({ deps: { checkOrigin: checkOrigin([], { isDevelopment: false }) } });
    test("is one of this very host", async ({ ingest }) => {
      expect((await ingest.post({ origin: `https://127.0.0.1:${ingest.port}` })).status).toBe(202);
      expect((await ingest.post({ origin: SITE })).status).toBe(403);
    });
  });

  describe("without a list, in development", () => {
    test.override({ deps: { checkOrigin: checkOrigin([], { isDevelopment: true }) } });
    test("is any", async ({ ingest }) => {
      expect((await ingest.post({ origin: "http://localhost:5173" })).status).toBe(202);
    });
  });

  test.for([
    "*",
    "www.example.org",
    "https://www.example.org/",
    "https://www.example.org/path",
    "ftp://x.org",
    "null",
  ])("ALLOWED_ORIGINS=%s is refused", (list) => {
    expect(originsSchema.safeParse(list).success).toBe(false);
  });
});

describe("the limit per address", () => {
  test.override({
    deps: {
      rateLimit: createRateLimit(3),
      clientAddress: ({ headers }) => String(headers["x-test-address"]),
    },
  });

  test("is kept with the standard headers, for each address on its own; servers have none", async ({
    ingest,
  }) => {
    const from = (address: string, headers = {}) => ingest.post({ "x-test-address": address, ...headers });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await from("203.0.113.9")).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
    const refused = await from("203.0.113.9");
    expect(refused.headers.get("ratelimit-policy")).toBe('"views";q=3;w=60');
    expect(refused.headers.get("ratelimit")).toMatch(/^"views";r=0;t=\d+$/);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await from("203.0.113.10")).status).toBe(202);
    expect((await from("203.0.113.9", withKey)).status).toBe(202);
  });

  test("takes the addresses of one IPv6 network for one", async ({ ingest }) => {
    const statuses = [];
    for (const last of ["1::1", "2::2", "3::3", "4::4"]) {
      statuses.push((await ingest.post({ "x-test-address": `2001:db8:0:${last}` })).status);
    }
    expect(statuses).toEqual([202, 202, 202, 429]);
    expect((await ingest.post({ "x-test-address": "2001:db8:0:100::1" })).status).toBe(202);
  });
});

describe("an address in X-Forwarded-For", () => {
  test("is not believed without a proxy that is trusted", async ({ ingest }) => {
    await ingest.post({
      "x-forwarded-for": "198.51.100.77",
      "x-real-ip": "198.51.100.77",
      forwarded: "for=198.51.100.77",
    });
    expect(ingest.accepted).toMatchObject([{ ipAddress: "127.0.0.1" }]);
  });
});

describe("page tokens", () => {
  const secret = "a secret of page tokens";
  const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
  const token = (expiresAt: Date, of = modelId, by = secret) => signPageToken(of, { secret: by, expiresAt });
  test.override({ deps: { pageTokenSecrets: ["a newer secret of them", secret] } });

  test.for([
    ["of this model's page", token(inSeconds(60)), 202],
    ["signed with the newer secret", token(inSeconds(60), modelId, "a newer secret of them"), 202],
    ["that is missing", undefined, 401],
    ["that has expired", token(inSeconds(-1)), 401],
    ["that is valid for too long", token(inSeconds(86_500)), 401],
    ["of another model's page", token(inSeconds(60), otherModelId), 401],
    ["signed by somebody else", token(inSeconds(60), modelId, "a guess"), 401],
    [
      "with another expiry than was signed",
      token(inSeconds(60)).replace(/^\d+/, String(now.getTime() / 1_000 + 120)),
      401,
    ],
    ["that is nonsense", "1.2", 401],
  ] as const)("one %s", async ([, value, status], { ingest }) => {
    const response = await ingest.post(
      { origin: SITE },
      value === undefined ? { modelId } : { modelId, token: value },
    );
    expect(response.status).toBe(status);
    expect(ingest.accepted).toHaveLength(status === 202 ? 1 : 0);
  });

  test("are not asked of a server with a key", async ({ ingest }) => {
    expect((await ingest.post(withKey)).status).toBe(202);
    expect((await ingest.post({ authorization: "Bearer a-wrong-key-of-length" })).status).toBe(401);
  });

  test("are what RFC 2104 says", () => {
    // printf '0190aaaa-0000-7000-8000-000000000001.1795349000' | openssl dgst -sha256 -hmac secret -binary | base64
    const signed = signPageToken(modelId.toUpperCase(), {
      secret: "secret",
      expiresAt: new Date(1_795_349_000_999),
    });
    expect(signed).toBe(`1795349000.zaV1SQQBLO-XkzjhI224v3iL77bUqozzF0XucNBZmTQ`);
    expect(isPageToken(signed, { modelId, secrets: ["secret"], now: new Date(1_795_348_000_000) })).toBe(
      true,
    );
  });
});

describe("the pixel", () => {
  const pixel = (ingest: Ingest, path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${ingest.url}${path}`, { method, headers });
  const address = `/v1/views/${modelId}.gif`;
  const formerAddress = `/v1/pixel.gif?modelId=${modelId}`;

  test.for([address, formerAddress])(
    "%s is a view, answered with an image of 43 bytes that is never cached and that any page may show",
    async (path, { ingest }) => {
      const response = await pixel(ingest, path, { referer: `${SITE}/models/anna` });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-type": "image/gif",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "cross-origin",
        "set-cookie": expect.stringMatching(/^viewer_id=/),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes).toHaveLength(43);
      expect(bytes.subarray(0, 6).toString()).toBe("GIF89a");
      expect(ingest.accepted).toMatchObject([{ modelId }]);
    },
  );

  test.for([
    ["without a model", "/v1/pixel.gif", {}, 422],
    ["of what is no model", "/v1/views/anna.gif", {}, 422],
    ["of a forbidden page", address, { referer: "https://evil.example/" }, 403],
    ["of a hidden cross-site page", address, { "sec-fetch-site": "cross-site" }, 403],
  ] as const)("%s is no view", async ([, path, headers, status], { ingest }) => {
    expect((await pixel(ingest, path, headers)).status).toBe(status);
    expect(ingest.accepted).toEqual([]);
  });

  test("names no viewer that only a server may name", async ({ ingest }) => {
    await pixel(ingest, `${address}?viewerIdentifier=somebody`);
    expect(ingest.accepted).toMatchObject([{ viewerIdentifier: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  test.for([
    ["fetched ahead by Chrome", { "sec-purpose": "prefetch;prerender" }],
    ["fetched ahead by Firefox", { "x-moz": "prefetch" }],
    ["fetched for Safari's preview", { "x-purpose": "preview" }],
  ] as const)("%s is no view yet", async ([, headers], { ingest }) => {
    expect((await pixel(ingest, address, headers)).status).toBe(200);
    expect(ingest.accepted).toEqual([]);
  });
});

describe("HEAD counts nothing and sets no cookie", () => {
  test.for([
    [`/v1/views/${modelId}.gif`, 200],
    [`/v1/pixel.gif?modelId=${modelId}`, 200],
    ["/v1/views", 405],
    ["/v1/views/batch", 405],
    ["/model-views.js", 200],
  ] as const)("on %s", async ([path, status], { ingest }) => {
    const response = await fetch(ingest.url + path, { method: "HEAD" });
    expect(response.status).toBe(status);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(ingest.accepted).toEqual([]);
  });
});

describe("slow senders", () => {
  test.for([
    ["the headers", "POST /v1/views HTTP/1.1\r\nHost: x\r\nContent-"],
    [
      "the body",
      "POST /v1/views HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{",
    ],
  ] as const)("who stop in the middle of %s are told so, and cut off", async ([, half]) => {
    const slowSenders = { headersMs: 50, requestMs: 100, checkMs: 20 };
    const listener = () => expect.unreachable("half a request is none");
    const server = await listen((request) => void request.on("end", listener), {
      host: "127.0.0.1",
      port: 0,
      slowSenders,
    });
    const socket = connect(portOf(server), "127.0.0.1");
    socket.write(half);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
    await once(socket, "close");
    await closeServer(server);
  });

  test("get no answer to half a body, and take nobody else's", async ({ ingest }) => {
    const slow = connect(ingest.port, "127.0.0.1");
    await once(slow, "connect");
    slow.write(
      "POST /v1/views HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{",
    );
    expect((await ingest.post()).status).toBe(202);
    expect(ingest.accepted).toHaveLength(1);
    slow.destroy();
  });
});
