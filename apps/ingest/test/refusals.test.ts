import { once } from "node:events";
import { connect } from "node:net";
import { trustProxySchema } from "@model-views/shared/http/client-address.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { createOwnerWarnings } from "@model-views/shared/runtime/owner-warnings.ts";
import { test } from "@model-views/testing/fixtures.ts";
import type { RunningService } from "@model-views/testing/services.ts";
import { Registry } from "prom-client";
import { describe, expect, test as plainTest, vi } from "vitest";
import { createRefusalReport } from "../src/guards/refusal-report.ts";
import { untrustedForwarding } from "../src/guards/untrusted-proxy.ts";
import { createIngestMetrics } from "../src/metrics.ts";

const modelId = "0190aaaa-0000-7000-8000-000000000001";
const KEY = "a-key-for-the-tests";
const view = JSON.stringify({ modelId });

/** Sends a request with this header unchanged. */
type Send = (init?: RequestInit, path?: string) => Promise<Response>;

function sender({ url }: RunningService): Send {
  return (init = {}, path = "/v1/views") => fetch(url + path, { method: "POST", body: view, ...init });
}

async function refusedBy({ adminUrl }: RunningService): Promise<Record<string, number>> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const lines = text.matchAll(
    /^model_views_ingest_refused_requests_total\{status="(\d+)",reason="([\w-]+)"\} (\d+)$/gm,
  );
  return Object.fromEntries(
    [...lines].map(([, status, reason, count]) => [`${status} ${reason}`, Number(count)]),
  );
}

const warningsOf = async ({ adminUrl }: RunningService) =>
  ((await (await fetch(`${adminUrl}/readyz`)).json()) as { warnings?: string[] }).warnings ?? [];

const logOf = ({ logged }: RunningService) =>
  logged.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);

describe("every refusal is counted by status and reason", () => {
  const strict = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    ALLOWED_ORIGINS: "https://www.example.org",
    SERVER_KEYS: KEY,
  };

  const refused: [reason: string, init: RequestInit, path: string][] = [
    ["400 bad-json", { body: "{" }, "/v1/views"],
    ["401 key-needed", { body: JSON.stringify({ modelId, viewerId: "1" }) }, "/v1/views"],
    ["401 key-needed", {}, "/v1/views/batch"],
    ["403 forbidden-origin", { headers: { origin: "https://evil.example" } }, "/v1/views"],
    ["404 not-found", {}, "/v1/viewz"],
    ["405 method-not-allowed", { method: "PUT" }, "/v1/views"],
    ["413 body-too-large", { body: "x".repeat(40_000) }, "/v1/views"],
    ["415 unsupported-media-type", { headers: { "content-type": "text/html" } }, "/v1/views"],
    ["422 invalid-request", { body: JSON.stringify({ modelId: "anna" }) }, "/v1/views"],
  ];

  test("of each kind", async ({ start }) => {
    const ingest = await start("ingest", strict);
    const expected: Record<string, number> = {};
    for (const [reason, init, path] of refused) {
      const response = await sender(ingest)(init, path);
      expect(response.status, reason).toBe(Number(reason.slice(0, 3)));
      expected[reason] = (expected[reason] ?? 0) + 1;
    }
    expect(await refusedBy(ingest)).toEqual(expected);
  });

  test("429 too-many-requests: 700 visitors behind a proxy that is not trusted", async ({ start }) => {
    const ingest = await start("ingest", { NODE_ENV: "production", HOST: "127.0.0.1" });
    const send = sender(ingest);
    const visit = async (visitor: number) => {
      const forwarded = { "x-forwarded-for": `203.0.${visitor >> 8}.${visitor & 255}` };
      return (await send({ headers: forwarded })).status;
    };
    const statuses = await Promise.all(Array.from({ length: 700 }, (_, visitor) => visit(visitor)));
    expect(statuses.filter((status) => status === 429)).toHaveLength(100);
    expect(await refusedBy(ingest)).toEqual({ "429 too-many-requests": 100 });
    const log = logOf(ingest).filter(({ level }) => level === "warn");
    expect(log).toMatchObject([
      { kind: "untrusted-proxy", msg: expect.stringContaining("set TRUST_PROXY") },
      {
        msg: "requests are refused",
        status: 429,
        reason: "too-many-requests",
        requests: 1,
        advice: expect.stringContaining("see TRUST_PROXY"),
      },
    ]);
    expect(await warningsOf(ingest)).toEqual([
      expect.stringMatching(/127\.0\.0\.0 \(its network\) carry x-forwarded-for, which is not believed/),
      expect.stringMatching(/At most 600 requests a minute/),
    ]);
  });

  test("400: what is no HTTP", async ({ start }) => {
    const ingest = await start("ingest");
    const socket = connect(Number(new URL(ingest.url).port), "127.0.0.1");
    socket.end("GET /livez HTTP/1.1\r\nHost x\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    expect(await refusedBy(ingest)).toEqual({ "400 unreadable": 1 });
  });

  test("views of a batch that are not valid, with the first of them in the log; and views with unknown fields", async ({
    start,
  }) => {
    const ingest = await start("ingest");
    const colour = "no field of ours";
    const views = [{ modelId: "anna", viewerId: "1" }, { modelId }, { modelId, viewerId: "1", colour }];
    await sender(ingest)({ body: JSON.stringify({ modelId, colour }) });
    const response = await sender(ingest)(
      { body: JSON.stringify({ views }), headers: { "content-type": "application/json" } },
      "/v1/views/batch",
    );
    expect(await response.json()).toMatchObject({ accepted: expect.any(Number) });
    const metrics = await (await fetch(`${ingest.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^model_views_ingest_rejected_batch_views_total [12]$/m);
    expect(metrics).toMatch(/^model_views_ingest_unknown_field_views_total 2$/m);
    expect(logOf(ingest)).toContainEqual(
      expect.objectContaining({ msg: "views of a batch are rejected", path: "modelId" }),
    );
  });

  test("an origin that is not allowed is named to the owner", async ({ start }) => {
    const ingest = await start("ingest", strict);
    await sender(ingest)({ headers: { origin: "https://neu.example.org" } });
    expect(await warningsOf(ingest)).toEqual([
      expect.stringMatching(/Views from https:\/\/neu\.example\.org .*add it to ALLOWED_ORIGINS/),
    ]);
  });

  test("the owner is warned of a page with the pinned address of a former script", async ({ start }) => {
    const ingest = await start("ingest");
    const response = await fetch(`${ingest.url}/model-views-0123456789ab.js`);
    expect(await response.json()).toMatchObject({
      status: 404,
      type: expect.stringMatching(/outdated-script$/),
    });
    expect(await warningsOf(ingest)).toEqual([
      expect.stringMatching(/an address of before; give that page the address and the integrity/),
    ]);
  });

  test("what a stranger writes in place of an origin is not repeated", async ({ start }) => {
    const ingest = await start("ingest", strict);
    const advice = `call me at ${"+".repeat(8_000)}`;
    expect((await sender(ingest)({ headers: { origin: advice } })).status).toBe(403);
    expect(await warningsOf(ingest)).toEqual([
      expect.stringMatching(/^Requests are refused: Views from no origin /),
    ]);
    expect(ingest.logged.join("")).not.toContain("call me");
  });

  test("a connection that asks for nothing is not refused", async ({ start }) => {
    const ingest = await start("ingest");
    const socket = connect(Number(new URL(ingest.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.end();
    await once(socket, "close");
    expect(await refusedBy(ingest)).toEqual({});
  });

  test("and there are no warnings while all is well", async ({ start }) => {
    const ingest = await start("ingest", { TRUST_PROXY: "1" });
    expect((await sender(ingest)({ headers: { "x-forwarded-for": "203.0.113.1" } })).status).toBe(202);
    expect(await warningsOf(ingest)).toEqual([]);
    expect(logOf(ingest).filter(({ level }) => level !== "info")).toEqual([]);
  });
});

plainTest.for([
  ["0", "127.0.0.1", "x-forwarded-for", true],
  ["0", "127.0.0.1", "forwarded", true],
  ["0", "127.0.0.1", "cf-connecting-ip", true],
  ["0", "127.0.0.1", "x-real-ip", true],
  ["0", "127.0.0.1", "x-forwarded-host", false],
  ["1", "127.0.0.1", "x-forwarded-for", false],
  ["10.0.0.0/8", "10.1.2.3", "x-forwarded-for", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", "x-forwarded-for", false],
  ["10.0.0.0/8", "192.0.2.1", "x-forwarded-for", true],
] as const)("with TRUST_PROXY=%s, %s may not send %s: %s", ([trust, remoteAddress, header, isUntrusted]) => {
  const request = { headers: { [header]: "203.0.113.1" }, socket: { remoteAddress } };
  const find = untrustedForwarding(trustProxySchema.parse(trust), undefined);
  expect(find(request as never) !== undefined).toBe(isUntrusted);
});

describe("the log and the warnings", () => {
  const minute = 60_000;

  let at = 0;
  const pass = (ms: number) => {
    at += ms;
  };

  function reporting(now: { now?: () => number } = { now: () => at }) {
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger(
      { service: "test", level: "warn" },
      { write: (line) => void lines.push(JSON.parse(line)) },
    );
    const warnings = createOwnerWarnings({
      ...now,
      log: (detail, kind) => logger.warn({ kind }, detail),
    });
    const durable = {
      openBecause: () => undefined,
      spooled: () => ({ batches: 0, bytes: 0 }),
      spoolBytesLeft: () => 0,
    };
    const metrics = createIngestMetrics([new Registry()], durable);
    const report = createRefusalReport({ metrics, logger, warnings, ...now });
    return { report, warnings, lines };
  }

  const tooMany = { status: 429, reason: "too-many-requests", detail: "At most 600 requests a minute" };

  plainTest("have each reason once a minute, with the number of requests since", () => {
    const { report, lines } = reporting();
    for (let i = 0; i < 1_000; i += 1) report(tooMany);
    pass(minute);
    report(tooMany);
    expect(lines.map(({ requests }) => requests).filter((count) => count !== undefined)).toEqual([1, 1_000]);
  });

  plainTest("have one line for a refusal, with the advice", () => {
    const { report, warnings, lines } = reporting();
    const detail = "Not valid: modelId";
    report({ status: 422, reason: "invalid-request", detail });
    const advice = "a page or server of yours may post what is not a view";
    expect(lines).toMatchObject([{ msg: "requests are refused", status: 422, requests: 1, detail, advice }]);
    expect(warnings.current()).toEqual([`Requests are refused: ${detail}; ${advice}`]);
  });

  plainTest("do not have the path of a request that finds nothing", () => {
    const { report, lines } = reporting();
    report({ status: 404, reason: "not-found", detail: "No GET /v1/viewers/anna here" });
    expect(JSON.stringify(lines)).not.toContain("anna");
  });

  plainTest("a warning stands for an hour after it was last seen", () => {
    const { report, warnings } = reporting();
    for (let i = 0; i < 59; i += 1) {
      report(tooMany);
      pass(minute);
    }
    expect(warnings.current()).toHaveLength(1);
    pass(60 * minute);
    expect(warnings.current()).toEqual([]);
  });

  plainTest("a clock that is set back keeps nothing from being logged, and no warning standing", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    try {
      const { report, warnings, lines } = reporting({});
      report(tooMany);
      vi.setSystemTime(Date.now() - 86_400_000);
      vi.advanceTimersByTime(minute);
      report(tooMany);
      expect(lines.filter(({ requests }) => requests !== undefined)).toHaveLength(2);
      vi.advanceTimersByTime(60 * minute);
      expect(warnings.current()).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

test.for(["ingest", "stats-api"] as const)(
  "%s sets no header that is about the whole host",
  async (name, { start }) => {
    const service = await start(name);
    for (const path of ["/livez", "/model-views.js", "/v1/nothing", "/docs/"]) {
      const { headers } = await fetch(service.url + path);
      expect(headers.get("strict-transport-security"), path).toBeNull();
    }
  },
);
