import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Asked,
  type FakeServices,
  openFakeServices,
  type Refusal,
} from "../import-log/testing/fake-services.ts";
import { aLine, manyLines, runImport } from "../import-log/testing/run-import.ts";

let fake: FakeServices;
let refuse: (asked: Asked) => Refusal | undefined;

beforeEach(async () => {
  refuse = () => undefined;
  fake = await openFakeServices((asked) => refuse(asked));
});
afterEach(() => fake.close());

const isBatch = ({ path }: Asked) => path === "/v1/views/batch";

/** Refuses the first `times` requests that `which` says. */
function refuseFirst(times: number, which: (asked: Asked) => boolean, refusal: Refusal): void {
  let left = times;
  refuse = (asked) => (which(asked) && left-- > 0 ? refusal : undefined);
}

test.each([
  ["503", { status: 503 }, 500],
  ["503 with Retry-After", { status: 503, headers: { "Retry-After": "5" } }, 5_000],
  ["429 with a date", { status: 429, headers: { "Retry-After": "Thu, 01 Jan 2026 00:00:07 GMT" } }, 7_000],
  ["502 of a proxy", { status: 502 }, 500],
  ["a connection that breaks", "hang up", 500],
] as const)("after %s the same batch is posted again", async (_name, refusal, waitMs) => {
  refuseFirst(1, isBatch, refusal);
  const { tally, failure, waitsMs } = await runImport(fake.url, [aLine("/a"), aLine("/b")]);
  expect(failure).toBeUndefined();
  const [first, second, ...others] = fake.asked.filter(isBatch);
  expect(second?.body).toBe(first?.body);
  expect(others).toEqual([]);
  expect(tally.views).toBe(2);
  expect(waitsMs).toEqual([waitMs]);
});

test("models are asked for and made again, too", async () => {
  refuseFirst(2, ({ path }) => path.startsWith("/v1/models/"), { status: 503 });
  expect((await runImport(fake.url, [aLine("/a")])).tally).toMatchObject({ models: 1, views: 1 });
});

test("gives up in the end, and says that running it again is safe", async () => {
  refuseFirst(Number.POSITIVE_INFINITY, isBatch, { status: 503, detail: "Redis is away" });
  const { failure, tally, waitsMs } = await runImport(fake.url, manyLines(3_000, 3));
  expect(String(failure)).toMatch(
    /^ImportStopped: ingest at http.* answers 503 \(Redis is away\), after 10 tries\. It is safe/,
  );
  expect(tally.views).toBe(0);
  expect(Math.max(...waitsMs)).toBe(30_000);
});

test.each([
  ["SERVER_KEYS", isBatch, {}, "ingest wants a key: set SERVER_KEYS"],
  ["ADMIN_KEYS", ({ method }: Asked) => method === "PUT", {}, "stats-api wants a key: set ADMIN_KEYS"],
  ["SERVER_KEYS", isBatch, { server: "wrong" }, "ingest does not take the first key of SERVER_KEYS"],
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
  ["an answer of something else", { status: 200 }, "with 200"],
])("%s ends the import at once", async (_name, refusal, message) => {
  refuseFirst(Number.POSITIVE_INFINITY, isBatch, refusal);
  const { failure, waitsMs } = await runImport(fake.url, manyLines(3_000, 3));
  expect(String(failure)).toContain(message);
  expect(waitsMs).toEqual([]);
});

test("a failure of one batch does not wait for another that is to be tried again", async () => {
  let batches = 0;
  refuse = (asked) => (isBatch(asked) ? { status: batches++ === 0 ? 503 : 401 } : undefined);
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
