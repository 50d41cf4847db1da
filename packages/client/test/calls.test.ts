import { describe, expect, expectTypeOf, vi } from "vitest";
import type { HotModel, TopViewedInPeriod, TopViewedModel } from "../src/answers.ts";
import { createModelViews } from "../src/create-model-views.ts";
import { ModelViewsError } from "../src/model-views-error.ts";
import { answer, never, answeringTest as test } from "./answering.ts";

const modelId = "0190aaaa-0000-7000-8000-00000000000a";
const stats = { modelId, totalViews: 3, uniqueViews: 2, lastViewedAt: "2026-11-22T12:00:00.000Z" };
const lastViewedAt = new Date(stats.lastViewedAt);
const accepted = answer(202, { id: modelId });

/** A model's id that ends with a number. */
function idOf(number: number): string {
  return `0190aaaa-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

describe("trackModelView", () => {
  test("sends no viewer where there is none: ingest recognises them for the day", async ({ answering }) => {
    const site = await answering([accepted]);
    await site.trackModelView(modelId, null, { ipAddress: "203.0.113.9", userAgent: "A browser" });
    expect(JSON.parse(site.requests[0]?.body ?? "")).not.toHaveProperty("viewerIdentifier");
    expect(JSON.parse(site.requests[0]?.body ?? "")).toMatchObject({ ipAddress: "203.0.113.9" });
  });

  test.for([
    ["a bot's", answer(202, { id: modelId, bot: true })],
    ["of an address that ingest ignores", answer(200, { ignored: true })],
  ] as const)("succeeds with a view %s", async ([, taken], { answering }) => {
    const site = await answering([taken]);
    expect(await site.trackModelView(modelId, null)).toEqual({ success: true, data: { success: true } });
  });
});

describe("getStats", () => {
  /** Answers for all requested models but one. */
  const many = answerOf((url) => {
    const ids = (url.searchParams.get("ids") ?? "").split(",").filter((id) => id !== idOf(7));
    return { items: ids.map((id) => ({ ...stats, modelId: id })), unknown: [idOf(7)] };
  });

  test("requests any number of models, 200 at a time, and keeps their order", async ({ answering }) => {
    const site = await answering([many], { statsKey: "a key" });
    const ids = Array.from({ length: 450 }, (_, index) => idOf(450 - index));
    const answered = await site.orThrow.getStats(ids);
    expect(answered.map((each) => each.modelId)).toEqual(ids.filter((id) => id !== idOf(7)));
    expect(answered[0]).toEqual({ ...stats, modelId: idOf(450), lastViewedAt });
    expect(site.requests).toHaveLength(3);
    expect(site.requests[0]?.headers["authorization"]).toBe("Bearer a key");
  });

  test("sends no request for no models, and one for the same model twice", async ({ answering }) => {
    const site = await answering([many]);
    expect(await site.getStats([])).toEqual({ success: true, data: [] });
    expect(site.requests).toEqual([]);
    expect(await site.orThrow.getStats([modelId, modelId.toUpperCase()])).toHaveLength(1);
  });

  test("is an error when one of its answers is", async ({ answering }) => {
    const site = await answering([many, answer(503, { detail: "Later" }, { "Retry-After": "5" })]);
    const ids = Array.from({ length: 201 }, (_, index) => idOf(index));
    expect(await site.getStats(ids)).toEqual({ success: false, error: "the stats API answered 503: Later" });
  });

  test("names the id that is not a UUID, and sends no request", async ({ answering }) => {
    const site = await answering([many]);
    const error = "modelIds[1] must be a UUID";
    expect(await site.getStats([modelId, "anna"])).toEqual({ success: false, error });
    expect(site.requests).toEqual([]);
  });
});

describe("getTopViewedModels", () => {
  const ranked = { ...stats, name: "Anna", category: "women" };

  test("sends how to rank, and a period", async ({ answering }) => {
    const site = await answering([answer(200, { items: [ranked] })]);
    await site.getTopViewedModels(5, "women", { sort: "trending", bots: "include" });
    await site.getTopViewedModels(5, null, { from: "2026-11-01", to: lastViewedAt, tz: "Europe/Berlin" });
    await site.getTopViewedModels(5, undefined, { sort: "unique", from: undefined });
    expect(site.requests.map(({ line }) => line)).toEqual([
      "GET /v1/models/top?limit=5&category=women&sort=trending&bots=include",
      "GET /v1/models/top?limit=5&from=2026-11-01&to=2026-11-22T12%3A00%3A00.000Z&tz=Europe%2FBerlin",
      "GET /v1/models/top?limit=5&sort=unique",
    ]);
  });

  test("sends the filters of a period; null is an unknown value", async ({ answering }) => {
    const site = await answering([answer(200, { items: [ranked] })]);
    const filters = { country: "DE", referrer: null, os: undefined };
    await site.orThrow.getTopViewedModels(5, null, { from: "2026-11-01", filters });
    expect(site.requests.map(({ line }) => line)).toEqual([
      "GET /v1/models/top?limit=5&from=2026-11-01&country=DE&referrer=",
    ]);
  });

  test("has the score and the reason of what is hot or rising", async ({ answering }) => {
    const why = {
      views: 41,
      hours: 168,
      usual: 9.2,
      days: 28,
      text: "41 views in the last 7 days, usually 9.2",
    };
    const hot = { ...ranked, score: 2.74456954, why };
    const site = await answering([answer(200, { items: [hot] })]);
    const found = await site.orThrow.getTopViewedModels(3, "women", { sort: "hot", halfLife: "7d" });
    expect(found).toEqual([{ ...hot, lastViewedAt }]);
    await site.orThrow.getTopViewedModels(3, null, { sort: "rising" });
    expect(site.requests.map(({ line }) => line)).toEqual([
      "GET /v1/models/top?limit=3&category=women&sort=hot&halfLife=7d",
      "GET /v1/models/top?limit=3&sort=rising",
    ]);
  });

  test.for([
    ["no reason", { score: 1 }],
    ["no score", { why: { views: 1, hours: 24, usual: null, days: 0, text: "" } }],
    [
      "a reason of another kind",
      { score: 1, why: { views: "1", hours: 24, usual: null, days: 0, text: "" } },
    ],
    ["a reason without words", { score: 1, why: { views: 1, hours: 24, usual: null, days: 0 } }],
  ] as const)("does not accept what is rising with %s", async ([, fields], { answering }) => {
    const site = await answering([answer(200, { items: [{ ...ranked, ...fields }] })]);
    const rising = site.orThrow.getTopViewedModels(3, null, { sort: "rising" });
    await expect(rising).rejects.toMatchObject({ code: "unexpected-answer" });
  });

  test("accepts null counts for a period only", async ({ answering }) => {
    const inexact = { ...ranked, uniqueViews: null };
    const site = await answering([answer(200, { items: [inexact] })]);
    const ofPeriod = await site.orThrow.getTopViewedModels(1, null, { from: "2026-11-01" });
    expect(ofPeriod).toEqual([{ ...inexact, lastViewedAt }]);
    const ofAllTime = site.orThrow.getTopViewedModels(1);
    await expect(ofAllTime).rejects.toMatchObject({ code: "unexpected-answer" });
  });

  test("has counts in its types, which can be null for a period", () => {
    const { orThrow } = createModelViews({});
    expectTypeOf(() => orThrow.getTopViewedModels(1)).returns.resolves.toEqualTypeOf<TopViewedModel[]>();
    expectTypeOf(() =>
      orThrow.getTopViewedModels(1, null, { sort: "unique" }),
    ).returns.resolves.toEqualTypeOf<TopViewedModel[]>();
    expectTypeOf(() =>
      orThrow.getTopViewedModels(1, null, { from: new Date() }),
    ).returns.resolves.toEqualTypeOf<TopViewedInPeriod[]>();
    expectTypeOf(() =>
      orThrow.getTopViewedModels(1, null, { sort: "hot", halfLife: "1h" }),
    ).returns.resolves.toEqualTypeOf<HotModel[]>();
    // @ts-expect-error What is hot has no period.
    void (() => orThrow.getTopViewedModels(1, null, { sort: "hot", from: "2026-11-01" }));
    // @ts-expect-error Counts of all time are not kept by value.
    void (() => orThrow.getTopViewedModels(1, null, { sort: "rising", filters: { country: "DE" } }));
  });
});

describe("putModel", () => {
  const model = { id: modelId, name: "Anna", category: null, createdAt: stats.lastViewedAt };

  test("creates a model with the admin key", async ({ answering }) => {
    const site = await answering([answer(201, model)], { adminKey: "an admin key", statsKey: "a key" });
    const created = { ...model, createdAt: lastViewedAt };
    expect(await site.putModel({ id: modelId, name: "Anna" })).toEqual({ success: true, data: created });
    expect(site.requests).toMatchObject([
      { line: `PUT /v1/models/${modelId}`, headers: { authorization: "Bearer an admin key" } },
    ]);
    expect(JSON.parse(site.requests[0]?.body ?? "")).toEqual({ name: "Anna", category: null });
  });

  test("reports what is wrong with a model", async ({ answering }) => {
    const site = await answering([answer(422, { detail: "Not valid: name" })]);
    const error = "the stats API answered 422: Not valid: name";
    expect(await site.putModel({ id: modelId, name: "" })).toEqual({ success: false, error });
    expect(await site.putModel({ id: "anna", name: "Anna" })).toMatchObject({ error: "id must be a UUID" });
    expect(site.requests).toHaveLength(1);
  });
});

describe("orThrow", () => {
  test.for([
    ["refused", { status: 404 }, [answer(404, { detail: "No such model" })], {}],
    ["unexpected-answer", { status: 200 }, [answer(200, "<html>")], {}],
    ["unexpected-answer", { status: 200 }, [answer(200, { ...stats, uniqueViews: null })], {}],
    ["unexpected-answer", { status: 200 }, [answer(200, { ...stats, lastViewedAt: "soon" })], {}],
    ["timeout", { status: undefined }, [never], { timeoutMs: 50 }],
    ["unreachable", { status: undefined }, [never], { statsUrl: "http://127.0.0.1:1" }],
    ["not-configured", { status: undefined }, [never], { statsUrl: undefined }],
  ] as const)("throws a ModelViewsError: %s", async ([code, more, answers, config], { answering }) => {
    const site = await answering(answers, config);
    const error = await site.orThrow.getModelViewStats(modelId).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ModelViewsError);
    expect(error).toMatchObject({ name: "ModelViewsError", code, ...more });
    // The other functions return its message.
    const { message } = error as ModelViewsError;
    expect(await site.getModelViewStats(modelId)).toEqual({ success: false, error: message });
  });

  test("returns the data itself", async ({ answering }) => {
    const site = await answering([answer(200, stats)]);
    expect(await site.orThrow.getModelViewStats(modelId)).toEqual({ ...stats, lastViewedAt });
  });
});

describe("the call of fetch", () => {
  /** A fetch that records its calls. */
  function recording(answered: unknown, status = 200) {
    return vi.fn<typeof globalThis.fetch>(async () => Response.json(answered, { status }));
  }

  test("has no cache option, so the page decides", async () => {
    const fetch = recording(stats);
    await createModelViews({ statsUrl: "http://stats", fetch }).getModelViewStats(modelId);
    expect(fetch.mock.calls[0]?.[1]).not.toHaveProperty("cache");
    expect(fetch.mock.calls[0]?.[1]).not.toHaveProperty("next");
  });

  test("has the caller's cache options, for every call that reads", async () => {
    const fetch = recording({ ...stats, items: [] });
    const { orThrow } = createModelViews({ statsUrl: "http://stats", fetch });
    const caching = { cache: "force-cache", next: { revalidate: 60, tags: ["views"] } } as const;
    const options = { ...caching, next: { ...caching.next, tags: [...caching.next.tags] } };
    await orThrow.getModelViewStats(modelId, options);
    await orThrow.getStats([modelId], options);
    await orThrow.getTopViewedModels(1, null, { ...options, sort: "unique" });
    expect(fetch).toHaveBeenCalledTimes(3);
    for (const [, init] of fetch.mock.calls) expect(init).toMatchObject(options);
  });

  test("is never cached when it writes, even when the caller asks for it", async () => {
    const fetch = recording({ id: modelId, name: "Anna", category: null, createdAt: stats.lastViewedAt });
    const { orThrow } = createModelViews({ ingestUrl: "http://ingest", statsUrl: "http://stats", fetch });
    const options = { cache: "force-cache" } as object;
    await orThrow.trackModelView(modelId, null, {}, options);
    await orThrow.putModel({ id: modelId, name: "Anna" }, options);
    expect(fetch.mock.calls.map(([, init]) => init?.cache)).toEqual(["no-store", "no-store"]);
  });

  test("does not follow a redirect, which would send the key elsewhere", async ({ answering }) => {
    const site = await answering([answer(307, "", { Location: "http://127.0.0.1:1/elsewhere" })]);
    expect(await site.getModelViewStats(modelId)).toEqual({
      success: false,
      error: "the stats API answered 307",
    });
  });

  test("uses the fetch of the call, else of the configuration, else the current global one", async () => {
    const [ofCall, ofConfig, ofMoment] = [recording(stats), recording(stats), recording(stats)];
    const statsUrl = "http://stats";
    const plain = createModelViews({ statsUrl });
    vi.stubGlobal("fetch", ofMoment);
    await createModelViews({ statsUrl, fetch: ofConfig }).getModelViewStats(modelId, { fetch: ofCall });
    await createModelViews({ statsUrl, fetch: ofConfig }).getModelViewStats(modelId, { fetch: undefined });
    await plain.getModelViewStats(modelId);
    vi.unstubAllGlobals();
    expect([ofCall, ofConfig, ofMoment].map((fetch) => fetch.mock.calls.length)).toEqual([1, 1, 1]);
  });
});

describe("a call ends early", () => {
  test("by its own time-out", async ({ answering }) => {
    const site = await answering([never], { timeoutMs: 60_000 });
    const error = "the stats API did not answer within 50 ms";
    expect(await site.getModelViewStats(modelId, { timeoutMs: 50 })).toEqual({ success: false, error });
  });

  test("by its signal, before it begins and after", async ({ answering }) => {
    const site = await answering([never]);
    await expect(
      site.orThrow.getModelViewStats(modelId, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "aborted" });
    const leaving = new AbortController();
    const call = site.orThrow.getModelViewStats(modelId, { signal: leaving.signal });
    leaving.abort();
    await expect(call).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("a configuration that is a function", () => {
  test("is called at each use, so the addresses are those of the running server", async ({ answering }) => {
    const { url } = await answering([answer(200, stats)]);
    let statsUrl: string | undefined;
    const site = createModelViews(() => ({ statsUrl }));
    expect(await site.getModelViewStats(modelId)).toMatchObject({ success: false });
    statsUrl = url;
    expect(await site.getModelViewStats(modelId)).toMatchObject({ success: true });
  });

  test("may throw: the call returns its error", async () => {
    const site = createModelViews(() => {
      throw new Error("STATS_URL is missing");
    });
    const failed = { success: false, error: "STATS_URL is missing" };
    expect(await site.getModelViewStats(modelId)).toEqual(failed);
    expect(await site.getTopViewedModels(1)).toEqual(failed);
    expect(await site.trackModelView(modelId, null)).toEqual(failed);
    await expect(site.orThrow.getStats([modelId])).rejects.toThrow("STATS_URL is missing");
  });
});

test("what a framework throws to steer the rendering gets through to it, at the first try", async () => {
  const dynamic = Object.assign(new Error("Dynamic server usage"), { digest: "DYNAMIC_SERVER_USAGE" });
  const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.reject(dynamic));
  const site = createModelViews({ statsUrl: "http://stats", fetch });
  await expect(site.getModelViewStats(modelId)).rejects.toBe(dynamic);
  expect(fetch).toHaveBeenCalledOnce();
});

/** Answers by the requested address. */
function answerOf(read: (url: URL) => unknown) {
  return (...[request, response]: Parameters<ReturnType<typeof answer>>) =>
    answer(200, read(new URL(request.url ?? "", "http://stats")))(request, response);
}
