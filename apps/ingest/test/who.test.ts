import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { networksSchema } from "@model-views/shared/http/networks.ts";
import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { test as base, describe, expect } from "vitest";
import type { IngestDeps } from "../src/app.ts";
import { createEnricher } from "../src/enrichment/enrichment.ts";
import { createOwnHosts } from "../src/enrichment/own-hosts.ts";
import { checkOrigin } from "../src/guards/check-origin.ts";
import { createEnrichView } from "../src/view/enrich-view.ts";
import { createViewers } from "../src/viewer/viewers.ts";
import { KEY, modelId, now, SITE, salt, salts, startIngest, viewerSettings } from "./start-ingest.ts";

const VISITOR = "203.0.113.9";
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const viewerId = "0190aaaa-0000-4000-8000-000000000001";

const withKey = { authorization: `Bearer ${KEY}` };
/** Headers of a browser on a page of the website. */
const ofPage = { origin: SITE, "user-agent": FIREFOX };
const passedOn = (address: string) => ({
  ...ofPage,
  ...withKey,
  "model-views-client-address": address,
});

type Headers = Record<string, string>;
type Ingest = {
  accepted: ViewEvent[];
  /** What was reported as not believed. */
  untrusted: string[];
  post: (view: object, headers?: Headers) => Promise<Response>;
  batch: (views: object[], headers?: Headers) => Promise<Response>;
  pixel: (query: Record<string, string>, headers?: Headers) => Promise<Response>;
};

/** Ingest in production for one website, which stores addresses and looks up facts. */
const test = base.extend<{ deps: Partial<IngestDeps>; ingest: Ingest }>({
  deps: {},
  ingest: async ({ deps }, use) => {
    const accepted: ViewEvent[] = [];
    const untrusted: string[] = [];
    const { url, stop } = await startIngest({
      accept: async (views) => void accepted.push(...views),
      onUntrusted: (reason) => untrusted.push(reason),
      checkOrigin: checkOrigin([SITE], { isDevelopment: false }),
      ownHosts: createOwnHosts([SITE, "https://shop.example.org"]),
      enrichView: createEnrichView(
        { storeIp: "full", storeUserAgent: true },
        createEnricher({ countryOf: () => undefined, isSpamReferrer: () => false }),
      ),
      ...deps,
    });
    const send = (path: string, body: object, headers: Headers = {}) =>
      fetch(url + path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      });
    await use({
      accepted,
      untrusted,
      post: (view, headers) => send("/v1/views", view, headers),
      batch: (views, headers = withKey) => send("/v1/views/batch", { views }, headers),
      pixel: (query, headers = {}) =>
        fetch(`${url}/v1/pixel.gif?${new URLSearchParams({ modelId, ...query })}`, { headers }),
    });
    await stop();
  },
});

const cookieOf = (response: Response) => response.headers.get("set-cookie")?.split(";")[0] ?? "";
const identifiersOf = (views: readonly ViewEvent[]) => views.map((view) => view.viewerIdentifier);

describe("a browser's request that a website passes on", () => {
  test("is the browser's: address, user agent, cookie and time are those of the visitor", async ({
    ingest,
  }) => {
    const cookie = `viewer_id=${viewerId}`;
    const tooOld = { modelId, viewedAt: "2026-11-20T12:00:00Z" };
    expect((await ingest.post(tooOld, { ...passedOn(VISITOR), cookie })).status).toBe(202);
    expect(ingest.accepted).toMatchObject([
      {
        viewerIdentifier: viewerIdentifierOf(viewerId, salt),
        ipAddress: VISITOR,
        userAgent: FIREFOX,
        browser: "Firefox",
        viewedAt: now.toISOString(),
        viewedAtReplaced: true,
      },
    ]);
    expect(ingest.untrusted).toEqual([]);
  });

  test("gets a cookie of its own, as on the pixel", async ({ ingest }) => {
    const anna = await ingest.post({ modelId }, passedOn(VISITOR));
    const bella = await ingest.post({ modelId }, passedOn("198.51.100.7"));
    const pixel = await ingest.pixel({}, passedOn(VISITOR));
    expect(cookieOf(anna)).toMatch(/^viewer_id=[\da-f-]{36}$/);
    expect(cookieOf(bella)).not.toBe(cookieOf(anna));
    expect(cookieOf(pixel)).toBe(cookieOf(anna));
    const [first, second, third] = identifiersOf(ingest.accepted);
    expect(second).not.toBe(first);
    expect(third).toBe(first);
  });

  test.for([
    "203.0.113.9:54321",
    "[::ffff:203.0.113.9]:443",
    // What a visitor sends as well comes before what the website adds.
    "8.8.8.8, 203.0.113.9",
    "unknown, 203.0.113.9",
  ])("has the address %s however it is written", async (written, { ingest }) => {
    await ingest.post({ modelId }, passedOn(written));
    expect(ingest.accepted).toMatchObject([{ ipAddress: VISITOR }]);
    expect(ingest.untrusted).toEqual([]);
  });

  test("is known for the day where the browser asks for privacy", async ({ ingest }) => {
    const asking = { ...passedOn(VISITOR), "sec-gpc": "1", cookie: `viewer_id=${viewerId}` };
    expect((await ingest.post({ modelId }, asking)).headers.get("set-cookie")).toBeNull();
    await ingest.post({ modelId }, { ...asking, ...passedOn("203.0.113.10") });
    await ingest.post({ modelId }, { ...asking, ...passedOn("203.0.114.9") });
    const [first, sameNetwork, other] = identifiersOf(ingest.accepted);
    expect(sameNetwork).toBe(first);
    expect(other).not.toBe(first);
  });

  test.for([
    ["of a page that is not allowed", { modelId }, { origin: "https://evil.example" }, 403],
    ["that names a viewer", { modelId, viewerIdentifier: "anna" }, {}, 401],
    ["that names a viewer, and comes from no page", { modelId, viewerId: "7" }, { origin: "" }, 401],
    ["that names an address", { modelId, ipAddress: VISITOR }, {}, 401],
  ] as const)("%s is refused", async ([, view, headers, status], { ingest }) => {
    const all: Headers = { ...passedOn(VISITOR), ...headers };
    if (all["origin"] === "") delete all["origin"];
    expect((await ingest.post(view, all)).status).toBe(status);
    expect(ingest.accepted).toEqual([]);
  });

  test("is no server's batch, whichever address comes along", async ({ ingest }) => {
    const views = [{ modelId, viewerIdentifier: "anna" }];
    for (const headers of [passedOn(VISITOR), passedOn("nonsense"), { ...ofPage, ...withKey }]) {
      expect((await ingest.batch(views, headers)).status).toBe(401);
    }
    expect((await ingest.batch(views)).status).toBe(202);
  });

  test.for([
    ["without a key", ofPage, /without one of SERVER_KEYS/],
    ["with a wrong key", { ...ofPage, authorization: "Bearer a-wrong-key-of-length" }, /without one of/],
    ["with a key, and no address in it", { ...ofPage, ...withKey }, /is no address/],
  ] as const)("is not believed %s, and that is reported", async ([, headers, reason], { ingest }) => {
    const named = reason.source.includes("is no") ? "www.example.org" : VISITOR;
    await ingest.post({ modelId }, { ...headers, "model-views-client-address": named });
    expect(ingest.accepted).toMatchObject([{ ipAddress: "127.0.0.1" }]);
    expect(ingest.untrusted).toEqual([expect.stringMatching(reason)]);
  });

  test("does not become a server's by an address that is none", async ({ ingest }) => {
    for (const named of ["", "nonsense"]) {
      const headers = { ...withKey, "model-views-client-address": named };
      expect((await ingest.post({ modelId, viewerIdentifier: "anna" }, headers)).status).toBe(401);
    }
  });

  describe("with a limit", () => {
    test.override({ deps: { rateLimit: createRateLimit(2) } });
    test("is limited by the visitor's address, and not by the website's", async ({ ingest }) => {
      const statuses = [];
      for (const address of [VISITOR, `${VISITOR}:1`, `${VISITOR}:2`, "198.51.100.7", "198.51.100.8"]) {
        statuses.push((await ingest.post({ modelId }, passedOn(address))).status);
      }
      expect(statuses).toEqual([202, 202, 429, 202, 202]);
    });
  });

  describe("where page tokens are asked for", () => {
    test.override({ deps: { pageTokenSecrets: ["a secret of page tokens"] } });
    test("needs one", async ({ ingest }) => {
      expect((await ingest.post({ modelId }, passedOn(VISITOR))).status).toBe(401);
      expect((await ingest.post({ modelId }, withKey)).status).toBe(202);
    });
  });
});

describe("a browser that has no cookie yet", () => {
  test("is one viewer in all its first posts, and another is another once that one has come back", async ({
    ingest,
  }) => {
    const answers = await Promise.all([
      ingest.post({ modelId }, ofPage),
      ingest.post({ modelId }, ofPage),
      ingest.pixel({}, { referer: `${SITE}/anna`, "user-agent": FIREFOX }),
    ]);
    const cookies = answers.map(cookieOf);
    expect(new Set(cookies).size).toBe(1);
    await ingest.post({ modelId }, { ...ofPage, cookie: cookies[0] ?? "" });
    expect(new Set(identifiersOf(ingest.accepted)).size).toBe(1);
    await ingest.post({ modelId }, ofPage);
    expect(new Set(identifiersOf(ingest.accepted)).size).toBe(2);
  });

  describe("and refuses every one", () => {
    let minutes = 0;
    const deps = { now: () => new Date(now.getTime() + minutes * 60_000) };
    test.override({ deps });
    test("is one viewer for the day", async ({ ingest }) => {
      for (minutes of [0, 1, 60, 300]) await ingest.post({ modelId }, ofPage);
      expect(new Set(identifiersOf(ingest.accepted)).size).toBe(1);
    });
  });
});

describe("a server's view that names no viewer", () => {
  const seen = { ipAddress: VISITOR, userAgent: FIREFOX };
  test("is known for the day by what the server says of it, alone and in a batch, without a cookie", async ({
    ingest,
  }) => {
    const single = await ingest.post({ modelId, ...seen }, withKey);
    expect(single.headers.get("set-cookie")).toBeNull();
    await ingest.batch([
      { modelId, ...seen },
      { modelId, ...seen, ipAddress: "198.51.100.7" },
    ]);
    // As one whose browser asks for privacy.
    await ingest.post({ modelId }, { ...passedOn(VISITOR), dnt: "1" });
    const [first, inBatch, elsewhere, asking] = identifiersOf(ingest.accepted);
    expect([inBatch, asking]).toEqual([first, first]);
    expect(elsewhere).not.toBe(first);
  });
});

describe("a view of an address that is left out", () => {
  const ignored: number[] = [];
  const isIgnored = networksSchema.parse("203.0.113.0/24,2001:db8::/32,127.0.0.1");
  test.override({ deps: { isIgnored, onIgnored: (views) => ignored.push(views) } });

  test.for([
    ["a browser's", (ingest: Ingest) => ingest.post({ modelId }, ofPage)],
    ["one that is passed on", (ingest: Ingest) => ingest.post({ modelId }, passedOn(`${VISITOR}:443`))],
    ["one that a server reports", ({ post }: Ingest) => post({ modelId, ipAddress: "2001:db8::7" }, withKey)],
  ] as const)("is not stored, gets no cookie, and is told so: %s", async ([, send], { ingest }) => {
    ignored.length = 0;
    const answer = await send(ingest);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ignored: true });
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect([ingest.accepted, ignored]).toEqual([[], [1]]);
  });

  test("is an image like any other", async ({ ingest }) => {
    ignored.length = 0;
    const answer = await ingest.pixel({}, { referer: `${SITE}/` });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/gif"]);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect([ingest.accepted, ignored]).toEqual([[], [1]]);
  });

  test("is counted in the answer to its batch", async ({ ingest }) => {
    ignored.length = 0;
    const [own, other] = [
      { modelId, viewerId: "7", ipAddress: VISITOR },
      { modelId, viewerId: "7", ipAddress: "198.51.100.7" },
    ];
    const answer = await ingest.batch([own, other, own, { modelId: "x", ipAddress: VISITOR }]);
    expect(await answer.json()).toMatchObject({ accepted: 1, rejected: [{ index: 3 }], ignored: 2 });
    expect(await (await ingest.batch([other])).json()).toEqual({ accepted: 1, rejected: [] });
    expect(await (await ingest.batch([own])).json()).toEqual({ accepted: 0, rejected: [], ignored: 1 });
    expect([ingest.accepted.length, ignored]).toEqual([2, [2, 1]]);
  });

  test("is not one whose server is there alone", async ({ ingest }) => {
    expect((await ingest.post({ modelId, viewerId: "7" }, withKey)).status).toBe(202);
  });
});

describe("the website's own host", () => {
  const own = "https://www.example.org/models";
  const search = "https://www.search.example/?q=anna";
  const page = { referer: `${SITE}/anna` };
  const ways: [string, (ingest: Ingest, referrer: string) => Promise<Response>][] = [
    ["the script", ({ post }, referrer) => post({ modelId, referrer }, ofPage)],
    ["the pixel", ({ pixel }, referrer) => pixel({ referrer }, page)],
    ["a website that passes it on", ({ post }, referrer) => post({ modelId, referrer }, passedOn(VISITOR))],
    ["a server", ({ post }, referrer) => post({ modelId, viewerId: "7", referrer }, withKey)],
    ["a server's batch", ({ batch }, referrer) => batch([{ modelId, viewerId: "7", referrer }])],
  ];
  test.for(ways)("is no referrer of a view by %s", async ([, send], { ingest }) => {
    for (const referrer of [own, "http://example.org:8080/", "https://shop.example.org/", search]) {
      expect((await send(ingest, referrer)).ok).toBe(true);
    }
    expect(ingest.accepted.map((view) => view.referrerHost)).toEqual([
      undefined,
      undefined,
      undefined,
      "search.example",
    ]);
  });

  describe("that no setting names", () => {
    test.override({
      deps: { ownHosts: createOwnHosts([]), checkOrigin: checkOrigin([], { isDevelopment: true }) },
    });
    const referrer = "https://www.studio.example/models";
    const path = "https://studio.example/anna?utm_source=mail";
    test.for([
      ["the page's origin", { referrer }, { origin: "https://studio.example" }],
      ["the page's address", { referrer }, { referer: "https://www.studio.example/anna" }],
      ["the page's address, where its origin is hidden", { referrer }, { origin: "null", referer: referrer }],
      [
        "our own, where the page is on it",
        { referrer: "http://127.0.0.1/a" },
        { "sec-fetch-site": "same-origin" },
      ],
      ["the address in a server's path", { referrer, path, viewerId: "7" }, withKey],
    ] as const)("is %s", async ([, view, headers], { ingest }) => {
      await ingest.post({ modelId, ...view }, headers);
      expect(ingest.accepted.map((view) => view.referrerHost)).toEqual([undefined]);
    });

    test("is not ours where the page is on another", async ({ ingest }) => {
      const view = { modelId, referrer: "http://127.0.0.1/a", path };
      await ingest.post(view, { "sec-fetch-site": "same-site" });
      await ingest.batch([view]);
      expect(ingest.accepted).toMatchObject(Array(2).fill({ referrerHost: "127.0.0.1", utmSource: "mail" }));
    });
  });
});

describe("what is optional and wrong does not cost the view", () => {
  const wrong = [null, 5, {}, [], true, "\0", "\ud800", "x".repeat(9_000)];
  const ofBrowsers = ["referrer", "path", "token", "automated"];
  test.for(ofBrowsers)("%s, of a browser", async (field, { ingest }) => {
    for (const value of wrong) {
      expect((await ingest.post({ modelId, [field]: value }, ofPage)).status, String(value)).toBe(202);
    }
    expect(ingest.accepted).toHaveLength(wrong.length);
  });

  test.for([...ofBrowsers, "ipAddress", "userAgent"])("%s, of a server", async (field, { ingest }) => {
    const views = wrong.map((value) => ({ modelId, viewerId: "7", [field]: value }));
    for (const view of views) expect((await ingest.post(view, withKey)).status).toBe(202);
    expect(await (await ingest.batch(views)).json()).toEqual({ accepted: wrong.length, rejected: [] });
  });

  test.for(["id", "viewedAt", "viewerIdentifier", "viewerId"])(
    "%s is not there where it is null, and refused where it is wrong",
    async (field, { ingest }) => {
      const answer = await ingest.post({ modelId, [field]: null }, withKey);
      expect(answer.status).toBe(202);
      for (const value of [5, {}, "", "\0", "x".repeat(300)]) {
        expect((await ingest.post({ modelId, [field]: value }, withKey)).status).toBe(422);
      }
    },
  );

  test.for([
    ["203.0.113.9:54321", "203.0.113.9"],
    ["[2001:DB8::1]:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["unknown, 203.0.113.9:443, 10.0.0.1", "203.0.113.9"],
    ["", undefined],
    ["unknown", undefined],
    ["host.example", undefined],
  ] as const)(
    "a server's ipAddress %j is %s, alone and in a batch",
    async ([ipAddress, stored], { ingest }) => {
      await ingest.post({ modelId, viewerId: "7", ipAddress }, withKey);
      await ingest.batch([{ modelId, viewerId: "7", ipAddress }]);
      expect(ingest.accepted.map((view) => view.ipAddress)).toEqual([stored, stored]);
    },
  );

  test.for([
    ["with a NUL", "Fire\0fox", "Firefox"],
    ["with half a pair", "Firefox \ud83d", "Firefox \ufffd"],
    ["that is too long", "x".repeat(2_000), "x".repeat(1_024)],
    ["whose end halves a pair", `${"x".repeat(1_023)}😀`, `${"x".repeat(1_023)}\ufffd`],
    ["that is null", null, undefined],
  ] as const)(
    "a server's userAgent %s is stored as far as it can be",
    async ([, userAgent, stored], { ingest }) => {
      await ingest.post({ modelId, viewerId: "7", userAgent }, withKey);
      expect(ingest.accepted.map((view) => view.userAgent)).toEqual([stored]);
    },
  );

  test("a referrer that is very long has its host all the same", async ({ ingest }) => {
    const referrer = `https://search.example/?q=${"x".repeat(20_000)}`;
    await ingest.post({ modelId, referrer, path: `/?${"x".repeat(10_000)}&utm_source=mail` }, ofPage);
    expect(ingest.accepted).toMatchObject([{ referrerHost: "search.example", utmSource: "mail" }]);
  });
});

describe("a bot", () => {
  test.for([
    ["by its user agent", { modelId }, { ...ofPage, "user-agent": BOT }, { bot: true }],
    ["by its own word", { modelId, automated: true }, ofPage, { bot: true }],
    ["that a server reports", { modelId, viewerId: "7", userAgent: BOT }, withKey, { bot: true }],
    ["is not one that says it is none", { modelId, automated: false }, ofPage, {}],
    ["is not one that says something else", { modelId, automated: "true" }, ofPage, {}],
  ] as const)("%s: the answer says so", async ([, view, headers, bot], { ingest }) => {
    const answer = await ingest.post(view, headers);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ id: expect.any(String), ...bot });
    expect(ingest.accepted.map((view) => view.isBot === true)).toEqual([
      bot === undefined ? false : "bot" in bot,
    ]);
  });
});

describe("an id in another spelling", () => {
  test.for([
    ["in upper case", "0190AAAA-0000-7000-8000-0000000000FF"],
    ["with white space around", " \t0190aaaa-0000-7000-8000-0000000000ff\n"],
    ["in braces", "{0190aaaa-0000-7000-8000-0000000000ff}"],
    ["without hyphens", "0190aaaa0000700080000000000000ff"],
    ["with other hyphens", "0190-aaaa-0000-7000-8000-0000-0000-00ff"],
    ["as a URN", "URN:UUID:0190aaaa-0000-7000-8000-0000000000ff"],
  ] as const)("%s is the same id", async ([, spelled], { ingest }) => {
    const answer = await ingest.post({ modelId: spelled, id: spelled, viewedAt: now.toISOString() }, ofPage);
    expect(await answer.json()).toEqual({ id: "0190aaaa-0000-7000-8000-0000000000ff" });
    await ingest.pixel({ modelId: spelled }, { referer: SITE });
    expect(new Set(ingest.accepted.map((view) => view.modelId))).toEqual(
      new Set(["0190aaaa-0000-7000-8000-0000000000ff"]),
    );
  });
});

describe("in development without keys, a request from this machine", () => {
  test.override({ deps: { hasServerKey: createApiKeyCheck([], { isDevelopment: true }) } });
  const curl = { "user-agent": FIREFOX };

  test("is a browser's: its user agent counts, and it gets a cookie", async ({ ingest }) => {
    const answer = await ingest.post({ modelId, viewedAt: "2026-11-20T00:00:00Z" }, curl);
    expect(cookieOf(answer)).toMatch(/^viewer_id=/);
    expect(ingest.accepted).toMatchObject([
      { browser: "Firefox", ipAddress: "127.0.0.1", viewedAtReplaced: true },
    ]);
  });

  test.for([
    ["names the viewer", { viewerId: "7" }, {}],
    ["says an address", { ipAddress: VISITOR }, {}],
    ["says a user agent", { userAgent: FIREFOX }, {}],
    ["came with a key", {}, { authorization: "Bearer whichever-there-is" }],
  ] as const)("is a server's where it %s", async ([, fields, headers], { ingest }) => {
    const answer = await ingest.post({ modelId, ...fields }, { ...curl, ...headers });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(ingest.accepted[0]?.ipAddress).not.toBe("127.0.0.1");
  });

  test("may be a batch, or one that is passed on", async ({ ingest }) => {
    expect((await ingest.batch([{ modelId, viewerId: "7" }], {})).status).toBe(202);
    await ingest.post({ modelId }, { ...ofPage, "model-views-client-address": VISITOR });
    expect(ingest.accepted[1]).toMatchObject({ ipAddress: VISITOR });
    expect(ingest.untrusted).toEqual([]);
  });
});

test("a viewer whose cookie nobody gave is known by it all the same", async ({ ingest }) => {
  await ingest.post({ modelId }, { ...ofPage, cookie: `viewer_id=${viewerId}` });
  expect(identifiersOf(ingest.accepted)).toEqual([viewerIdentifierOf(viewerId, salt)]);
});

describe("without cookies", () => {
  test.override({ deps: { viewers: createViewers({ ...viewerSettings, mode: "cookieless" }, salts) } });
  test("nothing is derived and no cookie is set: people of one network with one browser are one", async ({
    ingest,
  }) => {
    const first = await ingest.post({ modelId }, passedOn(VISITOR));
    await ingest.post({ modelId }, passedOn("203.0.113.77"));
    expect(first.headers.get("set-cookie")).toBeNull();
    expect(new Set(identifiersOf(ingest.accepted)).size).toBe(1);
  });
});
