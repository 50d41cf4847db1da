import { randomUUID } from "node:crypto";
import { signPageToken } from "@model-views/shared/contracts/page-token.ts";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { clientAddressBehind, trustProxySchema } from "@model-views/shared/http/client-address.ts";
import { test as onServices } from "@model-views/testing/fixtures.ts";
import { describe, expect, test, vi } from "vitest";
import { createAddressHours } from "../src/suspects/address-hours.ts";
import { createSuspects, type JudgedView, type SuspectLimits } from "../src/suspects/suspects.ts";
import { KEY, modelId, now, salt, startIngest } from "./start-ingest.ts";

const start = new Date("2026-11-22T12:00:00Z").getTime();
const viewer = (n: number) => viewerIdentifierOf(String(n), salt);
const NO_LIMITS = { viewersPerAddress: 0, viewsPerAddressAndModel: 0, viewsPerToken: 0 };

function judge(limits: Partial<SuspectLimits>) {
  const clock = { at: start };
  const reasons: string[] = [];
  const isSuspect = createSuspects(
    { ...NO_LIMITS, ...limits },
    { now: () => clock.at, onSuspect: (reason) => reasons.push(reason) },
  );
  const view = (more: Partial<JudgedView> = {}) =>
    isSuspect({ address: "203.0.113.9", viewerIdentifier: viewer(1), modelId, token: undefined, ...more });
  return { view, reasons, clock };
}

describe("createSuspects", () => {
  test("believes the first viewers of an address in an hour, also when they come again, and suspects the others", () => {
    const { view, reasons, clock } = judge({ viewersPerAddress: 3 });
    const viewers = [1, 2, 3, 4, 5, 1, 2, 3, 4].map((n) => view({ viewerIdentifier: viewer(n) }));
    expect(viewers).toEqual([false, false, false, true, true, false, false, false, true]);
    expect(reasons).toEqual(Array(3).fill("viewers-of-address"));
    expect(view({ viewerIdentifier: viewer(4), address: "203.0.113.10" })).toBe(false);
    clock.at += 3_600_000;
    expect(view({ viewerIdentifier: viewer(4) })).toBe(false);
  });

  test("30,000 viewers from 50 addresses are 5,000 at most", () => {
    const { view } = judge({ viewersPerAddress: 100 });
    let believed = 0;
    for (let n = 0; n < 30_000; n += 1) {
      if (!view({ address: `198.51.100.${n % 50}`, viewerIdentifier: viewer(n) })) believed += 1;
    }
    expect(believed).toBeLessThanOrEqual(5_000 + 1);
    expect(believed).toBeGreaterThanOrEqual(5_000);
  });

  test("takes an IPv6 /56 for one address", () => {
    const { view } = judge({ viewersPerAddress: 1 });
    expect(view({ address: "2001:db8:0:1::1", viewerIdentifier: viewer(1) })).toBe(false);
    expect(view({ address: "2001:db8:0:2::1", viewerIdentifier: viewer(2) })).toBe(true);
    expect(view({ address: "2001:db8:0:100::1", viewerIdentifier: viewer(2) })).toBe(false);
  });

  test.for([
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "192.168.0.7",
    "172.16.0.1",
    "100.64.0.1",
    "fd00::1",
    "fe80::1",
    undefined,
  ])("does not judge %s: a proxy's, or the office's", (address) => {
    const { view } = judge({ viewersPerAddress: 1, viewsPerAddressAndModel: 1 });
    expect([1, 2, 3].map((n) => view({ address, viewerIdentifier: viewer(n) }))).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("suspects what is more of one model from one address, and nothing else from there", () => {
    const { view, reasons } = judge({ viewsPerAddressAndModel: 2 });
    expect([view(), view(), view()]).toEqual([false, false, true]);
    expect(reasons).toEqual(["views-of-address-and-model"]);
    expect(view({ modelId: randomUUID() })).toBe(false);
    expect(view({ address: "203.0.113.10" })).toBe(false);
  });

  test("suspects what is more of one token, from wherever it comes, for an hour", () => {
    const { view, reasons, clock } = judge({ viewsPerToken: 2 });
    const token = "1.token";
    const from = [1, 2, 3].map((host) => view({ token, address: `203.0.113.${host}` }));
    expect(from).toEqual([false, false, true]);
    expect(reasons).toEqual(["views-of-token"]);
    expect(view({ token: "2.token" })).toBe(false);
    clock.at += 3_600_000;
    expect(view({ token })).toBe(false);
  });

  test("one address alone does not use up a token: what is suspect already does not count for it", () => {
    const { view, reasons } = judge({ viewersPerAddress: 2, viewsPerAddressAndModel: 3, viewsPerToken: 6 });
    const token = "1.token";
    for (let n = 0; n < 100; n += 1) view({ token, viewerIdentifier: viewer(n % 2) });
    for (let n = 2; n < 100; n += 1) view({ token, viewerIdentifier: viewer(n) });
    expect(new Set(reasons)).toEqual(new Set(["viewers-of-address", "views-of-address-and-model"]));
    const others = [1, 2, 3, 4].map((host) => view({ token, address: `198.51.100.${host}` }));
    expect(others).toEqual([false, false, false, true]);
  });

  test("a clock that is set back makes no hour longer", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: start });
    try {
      const isSuspect = judgeOf({ viewersPerAddress: 1, viewsPerAddressAndModel: 2, viewsPerToken: 3 });
      const at = (host: number, n = 1) =>
        isSuspect({ address: `203.0.113.${host}`, viewerIdentifier: viewer(n), modelId, token: "1.token" });
      const suspects = () => [at(1), at(1), at(1), at(2), at(2), at(3, 1), at(3, 2)];
      const marked = [false, false, true, false, true, true, true];
      expect(suspects()).toEqual(marked);
      vi.setSystemTime(start - 86_400_000);
      expect(at(3)).toBe(true);
      vi.advanceTimersByTime(3_600_000);
      expect(suspects()).toEqual(marked);
    } finally {
      vi.useRealTimers();
    }
  });

  test("0 is no limit", () => {
    const { view } = judge({});
    expect(
      Array.from({ length: 1_000 }, (_, n) => view({ token: "t", viewerIdentifier: viewer(n) })),
    ).not.toContain(true);
  });
});

describe("createAddressHours", () => {
  test("forgets the addresses whose hour began first rather than grow", () => {
    const hours = createAddressHours({ windowMs: 1_000, viewersMax: 1, weightMax: 100 });
    const ask = (address: string, n: number) => hours.look(address, viewer(n), start, () => true) === "known";
    expect([ask("a", 1), ask("a", 2)]).toEqual([true, false]);
    for (let n = 0; n < 20; n += 1) ask(`other ${n}`, 1);
    expect(ask("a", 2)).toBe(true);
    expect(ask("a", 3)).toBe(false);
  });
});

const proxied = (host: number) => ({
  "X-Forwarded-For": `203.0.113.${host}`,
  "User-Agent": "Mozilla/5.0 Firefox/145.0",
});
const body = (more: object = {}) => JSON.stringify({ modelId, ...more });
const post = (url: string, headers: Record<string, string>, json = body()) =>
  fetch(`${url}/v1/views`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: json,
  });
/** A viewer of one's own making. */
const madeUp = () => ({ Cookie: `viewer_id=${randomUUID()}` });

test("a stranger's made-up viewers are accepted and marked from the limit on, and the answer does not tell; a server's are not judged", async () => {
  const isSuspect = judgeOf({ viewersPerAddress: 2 });
  const ingest = await startIngest({
    isSuspect,
    clientAddress: clientAddressBehind(trustProxySchema.parse("1")),
  });
  try {
    const answers: unknown[] = [];
    for (let n = 0; n < 4; n += 1)
      answers.push(await (await post(ingest.url, { ...proxied(9), ...madeUp() })).json());
    await fetch(`${ingest.url}/v1/views/${modelId}.gif`, { headers: { ...proxied(9), ...madeUp() } });
    const marks = ingest.accepted.splice(0).map(([view]) => view?.isBot === true);
    expect(marks).toEqual([false, false, true, true, true]);
    for (const answer of answers) expect(Object.keys(Object(answer))).toEqual(["id"]);
    for (let n = 0; n < 4; n += 1) {
      const named = body({ viewerId: `member ${n}`, ipAddress: "203.0.113.9", userAgent: "Firefox" });
      await post(ingest.url, { Authorization: `Bearer ${KEY}` }, named);
    }
    expect(ingest.accepted.map(([view]) => view?.isBot)).toEqual(Array(4).fill(undefined));
  } finally {
    await ingest.stop();
  }
});

test("a page token is counted only where one is asked for, and only when it is valid", async () => {
  const secret = "a secret of page tokens";
  const isSuspect = judgeOf({ viewsPerToken: 1 });
  const ingest = await startIngest({ isSuspect, pageTokenSecrets: [secret] });
  const open = await startIngest({ isSuspect });
  try {
    const token = signPageToken(modelId, { secret, expiresAt: new Date(now.getTime() + 60_000) });
    expect((await post(ingest.url, {}, body({ token: "1.x" }))).status).toBe(401);
    for (let n = 0; n < 2; n += 1) await post(ingest.url, proxied(n), body({ token }));
    expect(ingest.accepted.map(([view]) => view?.isBot === true)).toEqual([false, true]);
    await post(open.url, proxied(1), body({ token }));
    expect(open.accepted[0]?.[0]?.isBot).toBeUndefined();
  } finally {
    await Promise.all([ingest.stop(), open.stop()]);
  }
});

onServices(
  "ingest counts suspect views by reason, warns its owner in /readyz, and logs it once",
  async ({ start: run }) => {
    const ingest = await run("ingest", { TRUST_PROXY: "1", SUSPECT_VIEWERS_PER_ADDRESS: "2" });
    for (let n = 0; n < 5; n += 1)
      expect((await post(ingest.url, { ...proxied(9), ...madeUp() })).status).toBe(202);
    expect(await (await fetch(`${ingest.adminUrl}/metrics`)).text()).toContain(
      'model_views_ingest_suspect_views_total{reason="viewers-of-address"} 3',
    );
    const ready: { warnings?: string[] } = Object(await (await fetch(`${ingest.adminUrl}/readyz`)).json());
    expect(ready.warnings?.join()).toContain("SUSPECT_VIEWERS_PER_ADDRESS");
    expect(ingest.logged.filter((line) => line.includes("SUSPECT_VIEWERS_PER_ADDRESS"))).toHaveLength(1);
  },
);

function judgeOf(limits: Partial<SuspectLimits>) {
  return createSuspects({ ...NO_LIMITS, ...limits }, { onSuspect: () => {} });
}
