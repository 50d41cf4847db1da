import type { RequestListener } from "node:http";
import { afterEach, describe, expect, expectTypeOf, vi } from "vitest";
import type { RankedInPeriod } from "../../shared/src/contracts/period-stats.ts";
import type {
  HotModel as HotModelAnswer,
  ModelStats,
  RankedModel,
} from "../../shared/src/contracts/stats.ts";
import type { HotModel, ModelViewStats, TopViewedInPeriod, TopViewedModel } from "../src/answers.ts";
import { createModelViews } from "../src/create-model-views.ts";
import { answer, cutOff, never, type Received, answeringTest as test } from "./answering.ts";

const modelId = "0190aaaa-0000-7000-8000-00000000000a";
const lastViewedAt = new Date("2026-11-22T12:00:00.000Z");
const stats = { modelId, totalViews: 3, uniqueViews: 2, lastViewedAt };
const ranked = { ...stats, name: "Anna", category: null };
const asOf = "2026-11-22T12:00:01.000Z";

const accepted = answer(202, { id: modelId });
const neverToItsEnd: RequestListener = (_, response) => response.writeHead(200).write("{");
/** Ingest's answer to a request that came too late: no body, and the connection closes. */
const tooLate: RequestListener = (_, response) => response.writeHead(408, { Connection: "close" }).end();
const notJson = answer(502, "<h1>Bad gateway</h1>");

/** The view that was posted. */
function posted(request: Received | undefined): Record<string, unknown> {
  return JSON.parse(request?.body ?? "null");
}

afterEach(() => vi.unstubAllGlobals());

describe("trackModelView", () => {
  test("posts a view with its own id, the key and the metadata", async ({ answering }) => {
    const site = await answering([accepted], { serverKey: "a key" });
    const metadata = { ipAddress: "203.0.113.9", userAgent: "A browser", referrer: null, path: "/anna" };
    expect(await site.trackModelView(modelId, "a viewer", metadata)).toEqual({
      success: true,
      data: { success: true },
    });
    expect(site.requests).toMatchObject([
      {
        line: "POST /v1/views",
        headers: { authorization: "Bearer a key", "content-type": "application/json" },
      },
    ]);
    expect(posted(site.requests[0])).toEqual({
      modelId,
      viewerIdentifier: "a viewer",
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      viewedAt: expect.stringMatching(/Z$/),
      ipAddress: "203.0.113.9",
      userAgent: "A browser",
      path: "/anna",
    });
  });

  test.for([
    ["an address with a port", { ipAddress: "203.0.113.9:80" }, { ipAddress: "203.0.113.9" }],
    ["half an address", { ipAddress: "203.0.113" }, {}],
    ["nothing", { ipAddress: null, userAgent: undefined, referrer: "", path: null }, {}],
    ["a long user agent", { userAgent: "x".repeat(5_000) }, { userAgent: "x".repeat(1_024) }],
    ["a character cut in two", { path: `${"x".repeat(1_999)}😀` }, { path: "x".repeat(1_999) }],
    ["a NUL character", { referrer: "a\0b" }, { referrer: "ab" }],
  ] as const)("sends only what ingest accepts of %s", async ([, metadata, fields], { answering }) => {
    const site = await answering([accepted]);
    await site.trackModelView(modelId, "a viewer", metadata);
    const { id, viewedAt, modelId: _, viewerIdentifier, ...sent } = posted(site.requests[0]);
    expect(sent).toEqual(fields);
  });

  test.for([
    ["a connection that is cut off", cutOff],
    ["a proxy without ingest behind it", notJson],
    ["a connection that ingest has just closed", tooLate],
  ] as const)("posts the same view once more after %s", async ([, first], { answering }) => {
    const site = await answering([first, accepted]);
    expect(await site.trackModelView(modelId, "a viewer")).toMatchObject({ success: true });
    expect(posted(site.requests[0])).toEqual(posted(site.requests[1]));
    expect(site.requests).toHaveLength(2);
  });

  test("gives up after the second time", async ({ answering }) => {
    const site = await answering([cutOff]);
    expect(await site.trackModelView(modelId, "a viewer")).toEqual({
      success: false,
      error: "ingest cannot be reached: UND_ERR_SOCKET",
    });
    expect(site.requests).toHaveLength(2);
  });

  test.for([
    [503, { "Retry-After": "5" }],
    [429, {}],
    [422, {}],
    [401, {}],
  ] as const)("does not retry after %i", async ([status, headers], { answering }) => {
    const site = await answering([answer(status, { detail: "Because" }, headers)]);
    const error = `ingest answered ${status}: Because`;
    expect(await site.trackModelView(modelId, "a viewer")).toEqual({ success: false, error });
    expect(site.requests).toHaveLength(1);
  });
});

describe("the statistics", () => {
  test("of one model", async ({ answering }) => {
    const site = await answering([answer(200, { ...stats, asOf })], { statsKey: "a key" });
    expect(await site.getModelViewStats(modelId)).toEqual({ success: true, data: stats });
    expect(site.requests).toMatchObject([
      { line: `GET /v1/models/${modelId}/stats`, headers: { authorization: "Bearer a key" } },
    ]);
  });

  test("of a model without views", async ({ answering }) => {
    const none = { modelId, totalViews: 0, uniqueViews: 0, lastViewedAt: null };
    const site = await answering([answer(200, { ...none, asOf })]);
    expect(await site.getModelViewStats(modelId)).toEqual({ success: true, data: none });
  });

  test("of the most viewed, of one category or of all", async ({ answering }) => {
    const site = await answering([answer(200, { items: [ranked], asOf })]);
    expect(await site.getTopViewedModels(5, "women & more")).toEqual({ success: true, data: [ranked] });
    await site.getTopViewedModels(10);
    await site.getTopViewedModels(10, null);
    expect(site.requests.map(({ line }) => line)).toEqual([
      "GET /v1/models/top?limit=5&category=women+%26+more",
      "GET /v1/models/top?limit=10",
      "GET /v1/models/top?limit=10",
    ]);
  });

  test("have the types of the API's answers, with a Date", () => {
    type WithDate<T> = Omit<T, "lastViewedAt"> & { lastViewedAt: Date | null };
    expectTypeOf<ModelViewStats>().branded.toEqualTypeOf<WithDate<ModelStats>>();
    expectTypeOf<TopViewedModel>().branded.toEqualTypeOf<WithDate<RankedModel>>();
    expectTypeOf<HotModel>().branded.toEqualTypeOf<WithDate<HotModelAnswer>>();
    expectTypeOf<TopViewedInPeriod>().branded.toEqualTypeOf<WithDate<RankedInPeriod>>();
  });

  test.for([
    ["JSON of another kind", answer(200, [])],
    ["a number", answer(200, "1")],
    ["a null", answer(200, "null")],
    ["a page", answer(200, "<html>")],
    [
      "counts that are not numbers",
      answer(200, { ...stats, totalViews: "3", items: [{ ...ranked, name: 1 }] }),
    ],
  ] as const)("are an error when the answer is %s", async ([, wrong], { answering }) => {
    const site = await answering([wrong]);
    const error = "the stats API gave an answer of another kind";
    expect(await site.getModelViewStats(modelId)).toEqual({ success: false, error });
    expect(await site.getTopViewedModels(1)).toEqual({ success: false, error });
  });
});

describe("a page never waits", () => {
  test.for([
    ["nothing answers", never],
    ["an answer does not end", neverToItsEnd],
  ] as const)("longer than the time-out, when %s", async ([, silent], { answering }) => {
    const site = await answering([silent], { timeoutMs: 150 });
    const begun = performance.now();
    const all = await Promise.all([
      site.trackModelView(modelId, "a viewer"),
      site.getModelViewStats(modelId),
      site.getTopViewedModels(1),
    ]);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(all.map(({ success }) => success)).toEqual([false, false, false]);
    expect(all[0]).toEqual({ success: false, error: "ingest did not answer within 150 ms" });
  });

  test("longer than a second by default, even when fetch ignores its signal", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", () => new Promise(() => {}));
    const answered = createModelViews({ ingestUrl: "http://ingest" }).trackModelView(modelId, "a viewer");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await answered).toMatchObject({ success: false });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test("and the request ends with the time-out", async ({ answering }) => {
    const ended = Promise.withResolvers<void>();
    const hanging: RequestListener = (_, response) => void response.once("close", ended.resolve);
    const site = await answering([hanging], { timeoutMs: 50 });
    await site.getModelViewStats(modelId);
    await ended.promise;
  });

  test("twice the time-out by the second try", async ({ answering }) => {
    const site = await answering([cutOff, never], { timeoutMs: 150 });
    const error = "ingest did not answer within 150 ms";
    expect(await site.trackModelView(modelId, "a viewer")).toEqual({ success: false, error });
  });
});

describe("nothing is thrown", () => {
  test.for([
    [undefined, "the address of ingest is not set, or is no URL"],
    ["", "the address of ingest is not set, or is no URL"],
    ["ingest:4001", "the address of ingest is not set, or is no URL"],
    ["http://", "the address of ingest is not set, or is no URL"],
    ["http://127.0.0.1:1", /^ingest cannot be reached/],
    ["http://no-such-host.invalid", /^ingest cannot be reached/],
  ] as const)("when ingest's address is %o", async ([ingestUrl, error]) => {
    const answered = await createModelViews({ ingestUrl }).trackModelView(modelId, "a viewer");
    expect(answered).toEqual({ success: false, error: expect.stringMatching(error) });
  });

  test.for(["", "..", "anna", `${modelId}/../top`, null, undefined, 7])(
    "when the model is %o, and no request is sent",
    async (wrong, { answering }) => {
      const site = await answering([accepted]);
      const error = "modelId must be a UUID";
      expect(await site.trackModelView(wrong as string, "a viewer")).toEqual({ success: false, error });
      expect(await site.getModelViewStats(wrong as string)).toEqual({ success: false, error });
      expect(site.requests).toEqual([]);
    },
  );

  test("and no error contains the key", async ({ answering }) => {
    const site = await answering([accepted], { serverKey: "a secret\nkey" });
    const answered = await site.trackModelView(modelId, "a viewer");
    expect(answered).toMatchObject({ success: false });
    expect(JSON.stringify(answered)).not.toContain("secret");
  });
});

test.for(["", "/", "/views/", "/views//"])(
  "an address that ends in %o works",
  async (path, { answering }) => {
    const { requests, ...functions } = await answering([answer(200, { ...stats, asOf })]);
    await functions.getModelViewStats(modelId);
    const host = requests[0]?.headers.host;
    await createModelViews({ statsUrl: `http://${host}${path}` }).getModelViewStats(modelId);
    expect(requests[1]?.line).toBe(`GET ${path.replace(/\/+$/, "")}/v1/models/${modelId}/stats`);
  },
);
