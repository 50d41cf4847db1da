import { createHash } from "node:crypto";
import { postedViewSchema } from "@model-views/shared/contracts/views.ts";
import { describe, expect, test } from "vitest";
import type { Hit } from "../../import-log/hit.ts";
import { inBatches } from "../../import-log/import-log.ts";
import { modelIdOf } from "../../import-log/models.ts";
import { createViewIds, type LoggedView, viewOf } from "../../import-log/views.ts";

const ID = "00000000-0000-4000-8000-000000000001";

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("view ids", () => {
  const file = ["a", "b", "a", "a", "c"];

  test("identical lines are distinct views", () => {
    expect(new Set(file.map(createViewIds())).size).toBe(5);
  });

  test("the same file gives the same ids, also when it has grown", () => {
    const ids = file.map(createViewIds());
    expect([...file, "a", "d"].map(createViewIds()).slice(0, 5)).toEqual(ids);
  });

  test("these ids never change: others would import every log a second time", () => {
    expect(["a", "a"].map(createViewIds())).toMatchInlineSnapshot(`
      [
        "acd89560-0e42-5653-8064-e9e922cde454",
        "22846a38-36f2-5b9a-8cae-6850b9818811",
      ]
    `);
    expect(modelIdOf("/")).toMatchInlineSnapshot(`"762a2070-0a69-56f4-ae67-725230a951a7"`);
  });

  test("a line is cached until that many distinct lines came after it", () => {
    const viewIdOf = createViewIds({ linesCachedMax: 3 });
    const first = viewIdOf("a");
    for (const line of ["b", "c"]) viewIdOf(line);
    expect(viewIdOf("a")).not.toBe(first);
  });

  test("an identical line after that counts as the same view, in every run", () => {
    const viewIdOf = createViewIds({ linesCachedMax: 3 });
    const first = viewIdOf("a");
    for (const line of ["b", "c", "d"]) viewIdOf(line);
    expect(viewIdOf("a")).toBe(first);
  });
});

const MODEL = modelIdOf("/a");

describe("viewOf", () => {
  const hit: Hit = {
    address: "192.0.2.7",
    viewedAt: new Date("2015-05-17T10:05:03Z"),
    path: "/a",
    campaign: undefined,
    host: undefined,
    referrer: "https://a.example/",
    userAgent: "UA 1",
  };

  test("has everything that ingest may use", () => {
    expect(viewOf(hit, ID, MODEL)).toEqual({
      id: ID,
      modelId: MODEL,
      viewedAt: "2015-05-17T10:05:03.000Z",
      viewerId: createHash("sha256").update("192.0.2.7\nUA 1").digest("hex"),
      ipAddress: "192.0.2.7",
      userAgent: "UA 1",
      referrer: "https://a.example/",
    });
  });

  test.each([
    ["the campaign", { campaign: "utm_source=x" }, "/?utm_source=x"],
    [
      "the website's host, which does not count as a referrer",
      { host: "www.example.org" },
      "https://www.example.org/",
    ],
    ["both", { campaign: "utm_source=x", host: "a.example" }, "https://a.example/?utm_source=x"],
  ] as const)("has %s in the page's path", (_name, change, path) => {
    expect(viewOf({ ...hit, ...change }, ID, MODEL)).toMatchObject({ path });
  });

  test("the viewer is address and user agent, and nothing else", () => {
    const { viewerId } = viewOf(hit, ID, MODEL);
    expect(viewOf({ ...hit, path: "/b", referrer: undefined }, ID, MODEL).viewerId).toBe(viewerId);
    expect(viewOf({ ...hit, address: "192.0.2.8" }, ID, MODEL).viewerId).not.toBe(viewerId);
    expect(viewOf({ ...hit, userAgent: undefined }, ID, MODEL).viewerId).not.toBe(viewerId);
  });

  test.each([
    ["a host name in place of an address", { address: "host.example" }, { ipAddress: undefined }],
    ["the end of a long user agent", { userAgent: "a".repeat(1_025) }, { userAgent: "a".repeat(1_024) }],
    ["a NUL in the user agent", { userAgent: "a\0" }, { userAgent: "a" }],
    ["the end of a long referrer", { referrer: "a".repeat(8_193) }, { referrer: "a".repeat(2_000) }],
  ] as const)("leaves out %s, and keeps the view", (_name, change, expected) => {
    const view = viewOf({ ...hit, ...change }, ID, MODEL);
    expect(view).toMatchObject(expected);
    expect(postedViewSchema.safeParse(view).success).toBe(true);
  });
});

describe("inBatches", () => {
  function aView(number: number, userAgent = "UA"): LoggedView {
    return {
      line: { number, text: "", isWhole: true },
      path: "/a",
      isMapped: false,
      view: { id: ID, modelId: ID, userAgent },
    };
  }
  async function batchesOf(views: LoggedView[], limits: { viewsMax?: number; bytesMax?: number }) {
    async function* source() {
      yield* views;
    }
    return await allOf(inBatches(source(), { viewsMax: 500, bytesMax: 1_000_000, ...limits }));
  }
  const numbers = ({ views }: { views: LoggedView[] }) => views.map(({ line }) => line.number);

  test("a batch is full at its number of views; the rest comes last", async () => {
    const batches = await batchesOf(
      [1, 2, 3, 4, 5].map((n) => aView(n)),
      { viewsMax: 2 },
    );
    expect(batches.map(numbers)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test("the body is the request", async () => {
    const [batch] = await batchesOf([aView(1), aView(2)], {});
    const view = { id: ID, modelId: ID, userAgent: "UA" };
    expect(JSON.parse(batch?.body ?? "")).toEqual({ backfill: true, views: [view, view] });
  });

  test("a batch is full at its bytes, to the byte, counted in UTF-8", async () => {
    const views = [1, 2, 3, 4].map((n) => aView(n, "é€𝄞"));
    const [both] = await batchesOf(views.slice(0, 2), {});
    const bytesMax = Buffer.byteLength(both?.body ?? "");
    expect((await batchesOf(views, { bytesMax })).map(numbers)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect((await batchesOf(views, { bytesMax: bytesMax - 1 })).map(numbers)).toEqual([[1], [2], [3], [4]]);
  });

  test("a view too large for any batch goes alone", async () => {
    const batches = await batchesOf([aView(1), aView(2, "a".repeat(500)), aView(3)], { bytesMax: 300 });
    expect(batches.map(numbers)).toEqual([[1], [2], [3]]);
  });

  test("no views, no batch", async () => {
    expect(await batchesOf([], {})).toEqual([]);
  });
});
