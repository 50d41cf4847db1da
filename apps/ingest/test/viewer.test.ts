import { spawnSync } from "node:child_process";
import type { IncomingHttpHeaders } from "node:http";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createViewers, type ViewerSettings } from "../src/viewer/viewers.ts";

const salt = "a salt for tests, of 32 characters";
const viewerId = "0190aaaa-0000-4000-8000-000000000001";
const address = "203.0.113.9";
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const cookie = `a=b; viewer_id=${viewerId}`;

const now = new Date("2026-11-22T12:00:00Z");
const DEFAULTS = {
  mode: "cookie",
  salt,
  isSecure: true,
  isCrossSite: false,
  honourPrivacySignals: true,
} as const;

type Request = { headers: IncomingHttpHeaders; address: string | undefined };

/** Who the viewer of a browser's request is, on a day of its own salt. */
function viewerWith(settings: Partial<ViewerSettings> = {}, dailySalt = "5a".repeat(32)) {
  const { ofBrowser } = createViewers({ ...DEFAULTS, ...settings }, { current: () => dailySalt });
  return (request: Request) => ofBrowser({ ...request, now });
}

const isHash = expect.stringMatching(/^[0-9a-f]{64}$/);

describe("by cookie", () => {
  test("a viewer without one gets one", () => {
    const { viewerIdentifier, setCookie = "" } = viewerWith()({ headers: {}, address });
    const [, given = ""] = /^viewer_id=([0-9a-f-]{36}); /.exec(setCookie) ?? [];
    expect(viewerIdentifier).toBe(viewerIdentifierOf(given, salt));
    expect(setCookie).toBe(`viewer_id=${given}; Max-Age=31536000; Path=/; HttpOnly; Secure; SameSite=Lax`);
  });

  test("a viewer with one is known by it, whatever else changes", () => {
    const known = { viewerIdentifier: viewerIdentifierOf(viewerId, salt) };
    expect(viewerWith()({ headers: { cookie }, address })).toEqual(known);
    const elsewhere = { headers: { cookie, "user-agent": FIREFOX }, address: "2001:db8::1" };
    expect(viewerWith({}, "another day")(elsewhere)).toEqual(known);
  });

  test.for([
    "",
    "viewer_id=",
    "viewer_id=admin",
    `viewer_id=${viewerId}0`,
    `xviewer_id=${viewerId}`,
    "viewer_id",
    "=",
    ";",
    "viewer_id=%",
  ])("a cookie that is not ours (%j) is replaced", (foreign) => {
    const viewer = viewerWith()({ headers: { cookie: foreign }, address });
    expect(viewer).toEqual({ viewerIdentifier: isHash, setCookie: expect.stringMatching(/^viewer_id=/) });
  });

  test.for([
    ["over plain HTTP", { isSecure: false }, "SameSite=Lax"],
    ["over HTTPS", {}, "Secure; SameSite=Lax"],
    ["for pages of other sites", { isCrossSite: true }, "Secure; SameSite=None; Partitioned"],
    [
      "for pages of other sites, which is never without Secure",
      { isCrossSite: true, isSecure: false },
      "Secure; SameSite=None; Partitioned",
    ],
  ] as const)("it is set %s", ([, settings, attributes]) => {
    const { setCookie = "" } = viewerWith(settings)({ headers: {}, address });
    const [, given = ""] = /; Max-Age=31536000; Path=\/; HttpOnly; (.*)$/.exec(setCookie) ?? [];
    expect(given.split("; ").sort()).toEqual(attributes.split("; ").sort());
  });
});

describe("by the day's hash", () => {
  const cookieless = viewerWith({ mode: "cookieless" });
  const headers = { "user-agent": FIREFOX };
  const today = cookieless({ headers, address });

  test("no cookie is set, nor read", () => {
    expect(today).toEqual({ viewerIdentifier: isHash });
    expect(cookieless({ headers: { ...headers, cookie }, address })).toEqual(today);
  });

  test.for([
    ["an address of the same network", address, "203.0.113.200"],
    ["the same address in IPv6", address, "::ffff:203.0.113.9"],
    ["an address of the same IPv6 network", "2001:db8:1::1", "2001:db8:1:ffff::2"],
    ["no address, both times", undefined, undefined],
    ["nothing that is an address", undefined, "unknown"],
  ] as const)("it is the same viewer with %s", ([, one, other]) => {
    expect(cookieless({ headers, address: one })).toEqual(cookieless({ headers, address: other }));
  });

  test.for([
    ["of another network", { headers, address: "203.0.114.9" }],
    ["of another IPv6 network", { headers, address: "2001:db8:2::1" }],
    ["with another browser", { headers: { "user-agent": `${FIREFOX}.1` }, address }],
    ["without a user agent", { headers: {}, address }],
  ] as const)("it is another viewer %s", ([, request]) => {
    expect(cookieless(request).viewerIdentifier).not.toBe(today.viewerIdentifier);
  });

  test("it is another viewer on another day, and with another permanent salt", () => {
    const tomorrow = viewerWith({ mode: "cookieless" }, "5b".repeat(32))({ headers, address });
    const elsewhere = viewerWith({ mode: "cookieless", salt: "x".repeat(32) })({ headers, address });
    expect(new Set([today, tomorrow, elsewhere].map((viewer) => viewer.viewerIdentifier)).size).toBe(3);
  });

  test("no part of it is taken for a part of another", () => {
    const one = cookieless({ headers: { "user-agent": "Browser" }, address: "10.1.2.3" });
    const other = cookieless({ headers: { "user-agent": "10.1.2.0Browser" }, address: undefined });
    expect(one).not.toEqual(other);
  });
});

describe("a viewer who asks not to be followed", () => {
  const headers = { "user-agent": FIREFOX, cookie };
  const cookieless = viewerWith({ mode: "cookieless" })({ headers, address });

  test.for([
    ["Sec-GPC: 1", { "sec-gpc": "1" }],
    ["DNT: 1", { dnt: "1" }],
    ["both", { "sec-gpc": "1", dnt: "1" }],
    ["one of both", { "sec-gpc": "1", dnt: "0" }],
  ] as const)("with %s is known for a day, and the cookie is neither read nor set", ([, signals]) => {
    expect(viewerWith()({ headers: { ...headers, ...signals }, address })).toEqual(cookieless);
    const { cookie: _, ...withoutCookie } = headers;
    expect(viewerWith()({ headers: { ...withoutCookie, ...signals }, address })).toEqual(cookieless);
  });

  test.for([
    ["Sec-GPC: 0", { "sec-gpc": "0" }],
    ["DNT: 0", { dnt: "0" }],
    ["DNT: unspecified", { dnt: "unspecified" }],
    ["an empty Sec-GPC", { "sec-gpc": "" }],
  ] as const)("does not do so with %s", ([, signals]) => {
    expect(viewerWith()({ headers: { ...headers, ...signals }, address })).toEqual({
      viewerIdentifier: viewerIdentifierOf(viewerId, salt),
    });
  });

  test("is not heard where the operator says so", () => {
    const deaf = viewerWith({ honourPrivacySignals: false });
    expect(deaf({ headers: { ...headers, "sec-gpc": "1", dnt: "1" }, address })).toEqual({
      viewerIdentifier: viewerIdentifierOf(viewerId, salt),
    });
  });
});

describe("the viewer that a server reports", () => {
  const salts = { current: () => "5a".repeat(32) };
  const { ofServer } = createViewers(DEFAULTS, salts);

  test.for([
    ["as stored", { viewerIdentifier: "anna" }, "anna"],
    ["by the website's own id", { viewerId: "member 7" }, viewerIdentifierOf("member 7", salt)],
    ["as stored, rather than by id", { viewerIdentifier: "anna", viewerId: "member 7" }, "anna"],
    ["as stored, whatever else is known", { viewerIdentifier: "anna", ipAddress: address }, "anna"],
  ] as const)("is named %s", ([, posted, expected]) => {
    expect(ofServer(posted)).toBe(expected);
  });

  test("is known for the day by what the server says, where it names none: as one who asks for privacy", () => {
    const { viewerIdentifier } = viewerWith()({
      headers: { "user-agent": FIREFOX, "sec-gpc": "1" },
      address,
    });
    const sameNetwork = [address, "203.0.113.200"].map((ipAddress) =>
      ofServer({ ipAddress, userAgent: FIREFOX }),
    );
    expect(sameNetwork).toEqual([viewerIdentifier, viewerIdentifier]);
    const others = [
      ofServer({ ipAddress: "198.51.100.7", userAgent: FIREFOX }),
      ofServer({ ipAddress: address, userAgent: "another" }),
      ofServer({ ipAddress: address }),
      ofServer({}),
      createViewers(DEFAULTS, { current: () => "another day" }).ofServer({
        ipAddress: address,
        userAgent: FIREFOX,
      }),
    ];
    expect(new Set([viewerIdentifier, ...others]).size).toBe(6);
  });
});

test("whatever is sent, a viewer is 64 hexadecimal digits", () => {
  const text = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
  const request = fc.record({
    headers: fc.record({ cookie: text, "user-agent": text, "sec-gpc": text, dnt: text }),
    address: fc.option(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { nil: undefined }),
  });
  const viewers = fc.constantFrom(viewerWith(), viewerWith({ mode: "cookieless" }));
  fc.assert(
    fc.property(request, viewers, (request, viewerOf) => {
      expect(viewerOf(request).viewerIdentifier).toEqual(isHash);
    }),
    { numRuns: 2_000 },
  );
});

test("the salts' timers keep no process alive", () => {
  const script = `
    import { openDailySalts } from ${JSON.stringify(new URL("../src/viewer/daily-salts.ts", import.meta.url).href)};
    const redis = { get: async () => "5a".repeat(32), set: async () => "OK" };
    const salts = openDailySalts({ redis, now: () => new Date(), onError: () => {} });
    await salts.start();
    console.log(salts.current());`;
  const child = spawnSync(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(child).toMatchObject({ status: 0, stdout: `${"5a".repeat(32)}\n` });
});
