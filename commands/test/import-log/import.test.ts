import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { modelIdOf } from "../../import-log/models.ts";
import { type FakeServices, openFakeServices, type Received } from "./fake-services.ts";
import { aLine, manyLines, runImport } from "./run-import.ts";

let fake: FakeServices;
beforeEach(async () => {
  fake = await openFakeServices();
});
afterEach(() => fake.close());

const isBatch = ({ path }: Received) => path === "/v1/views/batch";

test("every view, of models that were made before it", async () => {
  const { totals, failure } = await runImport(fake.url, manyLines(1_701, 450));
  expect(failure).toBeUndefined();
  expect(totals).toMatchObject({ lines: 1_701, views: 1_701, models: 450, skipped: 0, bad: 0, rejected: 0 });
  expect(fake.views.length).toBe(1_701);
  expect(new Set(fake.views.map(({ id }) => id)).size).toBe(1_701);
  expect(fake.early).toEqual([]);
  expect(fake.models.get(modelIdOf("/449"))).toBe("/449");
  expect(fake.received.filter(isBatch).length).toBe(4);
});

test("a second run posts exactly the same views, and makes no model", async () => {
  const lines = [...manyLines(700, 10), aLine("/1"), aLine("/1")];
  await runImport(fake.url, lines);
  const first = fake.views.splice(0);
  const { totals } = await runImport(fake.url, lines);
  expect(totals).toMatchObject({ views: 702, models: 0 });
  const inOrder = (views: typeof first) => views.map((view) => JSON.stringify(view)).sort();
  expect(inOrder(fake.views)).toEqual(inOrder(first));
  expect(new Set(first.map(({ id }) => id)).size).toBe(702);
});

test("a model that exists already keeps its name", async () => {
  fake.models.set(modelIdOf("/a"), "Our own name");
  const { totals } = await runImport(fake.url, [aLine("/a"), aLine("/b")]);
  expect(totals.models).toBe(1);
  expect(fake.models.get(modelIdOf("/a"))).toBe("Our own name");
  expect(fake.received.filter(({ method }) => method === "PUT").length).toBe(1);
});

test("lines that are not views are counted, and the first bad ones are kept for the report", async () => {
  const lines = [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    aLine("/a"),
    "",
    aLine("/a").replace("GET", "POST"),
    "x".repeat(70_000),
  ];
  const { totals } = await runImport(fake.url, lines);
  expect(totals).toMatchObject({ lines: 10, views: 1, skipped: 2, bad: 7 });
  expect(totals.badSamples.map(({ line, text }) => [line, text])).toEqual([
    [1, "1"],
    [2, "2"],
    [3, "3"],
    [4, "4"],
    [5, "5"],
  ]);
});

test("views that ingest refuses are counted, and kept for the report with their line", async () => {
  const { totals, failure } = await runImport(fake.url, [
    aLine("/a"),
    "bad",
    aLine("/a", { year: "1980" }),
    aLine("/b"),
  ]);
  expect(failure).toBeUndefined();
  expect(totals).toMatchObject({ views: 2, bad: 1, rejected: 1 });
  expect(totals.rejectedSamples).toEqual([
    { line: 3, reason: "viewedAt must be between 1990 and now", text: aLine("/a", { year: "1980" }) },
  ]);
});

test("a gzip file that is cut off is posted as far as it goes, and still is a failure", async () => {
  const lines = manyLines(5_000, 10);
  const packed = gzipSync(lines.join("\n"));
  const { totals, failure } = await runImport(fake.url, packed.subarray(0, -2_000));
  expect(String(failure)).toMatch(/cannot be read beyond line \d+ \(unexpected end of file\).*safe to run/);
  expect(totals.bad).toBe(0);
  expect(fake.views.length).toBe(totals.lines);
});

test("each service gets its key with every request", async () => {
  await runImport(fake.url, [aLine("/a")], { server: "s".repeat(16), admin: "a".repeat(16) });
  const keys = fake.received.map(({ path, authorization }) => [path.split(/[?/]/)[2], authorization]);
  expect(keys).toEqual([
    // Whether retention has removed views of the month.
    ["breakdown", `Bearer ${"a".repeat(16)}`],
    ["models", `Bearer ${"a".repeat(16)}`],
    ["models", `Bearer ${"a".repeat(16)}`],
    ["views", `Bearer ${"s".repeat(16)}`],
  ]);
});
