import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeServices, openFakeServices, type Received, type Refusal } from "./fake-services.ts";
import { aLine, manyLines, runImport } from "./run-import.ts";

let fake: FakeServices;
let refuse: (received: Received) => Refusal | undefined;

beforeEach(async () => {
  refuse = () => undefined;
  fake = await openFakeServices((received) => refuse(received));
});
afterEach(() => fake.close());

const isBatch = ({ path }: Received) => path === "/v1/views/batch";

/** Refuses the first `times` requests that match `which`. */
function refuseFirst(times: number, which: (received: Received) => boolean, refusal: Refusal): void {
  let left = times;
  refuse = (received) => (which(received) && left-- > 0 ? refusal : undefined);
}

test.each([
  ["503", { status: 503 }, 500],
  ["503 with Retry-After", { status: 503, headers: { "Retry-After": "5" } }, 5_000],
  ["429 with a date", { status: 429, headers: { "Retry-After": "Thu, 01 Jan 2026 00:00:07 GMT" } }, 7_000],
  ["502 of a proxy", { status: 502 }, 500],
  ["a connection that breaks", "hang up", 500],
] as const)("after %s the same batch is posted again", async (_name, refusal, waitMs) => {
  refuseFirst(1, isBatch, refusal);
  const { totals, failure, waitsMs } = await runImport(fake.url, [aLine("/a"), aLine("/b")]);
  expect(failure).toBeUndefined();
  const [first, second, ...others] = fake.received.filter(isBatch);
  expect(second?.body).toBe(first?.body);
  expect(others).toEqual([]);
  expect(totals.views).toBe(2);
  expect(waitsMs).toEqual([waitMs]);
});

test("requests about models are tried again, too", async () => {
  refuseFirst(2, ({ path }) => path.startsWith("/v1/models/"), { status: 503 });
  expect((await runImport(fake.url, [aLine("/a")])).totals).toMatchObject({ models: 1, views: 1 });
});

test("gives up in the end, with the note that a second run is safe", async () => {
  refuseFirst(Number.POSITIVE_INFINITY, isBatch, { status: 503, detail: "Redis is away" });
  const { failure, totals, waitsMs } = await runImport(fake.url, manyLines(3_000, 3));
  expect(String(failure)).toMatch(
    /^ImportStopped: ingest at http.* answers 503 \(Redis is away\), after 10 tries\. It is safe/,
  );
  expect(totals.views).toBe(0);
  expect(Math.max(...waitsMs)).toBe(30_000);
});

test.each([
  ["SERVER_KEYS", isBatch, {}, "ingest needs a key: set SERVER_KEYS"],
  ["ADMIN_KEYS", ({ method }: Received) => method === "PUT", {}, "stats-api needs a key: set ADMIN_KEYS"],
  ["SERVER_KEYS", isBatch, { server: "wrong" }, "ingest does not accept the first key of SERVER_KEYS"],
])("a 401 names %s", async (_variable, which, keys, message) => {
  refuseFirst(Number.POSITIVE_INFINITY, which, { status: 401 });
  const { failure, waitsMs } = await runImport(fake.url, [aLine("/a")], keys);
  expect(String(failure)).toContain(`UsageError: ${message}`);
  expect(waitsMs).toEqual([]);
});

test.each([
  [
    "a 422",
    { status: 422, detail: "Not valid: views" },
    "answers POST /v1/views/batch with 422 (Not valid: views)",
  ],
  ["a redirect, which is not followed", { status: 307, headers: { Location: "/" } }, "with 307"],
  ["an answer of another program", { status: 200 }, "with 200"],
])("%s ends the import at once", async (_name, refusal, message) => {
  refuseFirst(Number.POSITIVE_INFINITY, isBatch, refusal);
  const { failure, waitsMs } = await runImport(fake.url, manyLines(3_000, 3));
  expect(String(failure)).toContain(message);
  expect(waitsMs).toEqual([]);
});

test("a failure of one batch does not wait for another that is to be tried again", async () => {
  let batches = 0;
  refuse = (received) => (isBatch(received) ? { status: batches++ === 0 ? 503 : 401 } : undefined);
  const { promise: waiting, resolve: waits } = Promise.withResolvers<void>();
  const { failure } = await runImport(fake.url, manyLines(1_000, 3), {
    wait: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        waits();
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  await waiting;
  expect(String(failure)).toContain("UsageError");
});
