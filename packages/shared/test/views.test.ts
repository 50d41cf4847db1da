import { viewsPayloadSchema } from "@model-views/shared/queue.ts";
import { postedBatchSchema, postedViewSchema } from "@model-views/shared/views.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const modelId = "0190aaaa-0000-7000-8000-000000000001";

/** Paths of what a posted view is refused for. */
function refusedFor(view: unknown): string[] {
  const parsed = postedViewSchema.safeParse(view);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join("."));
}

describe("a posted view", () => {
  test.for([
    ["needs a model", {}, ["modelId"]],
    ["needs a UUID as the model", { modelId: "anna" }, ["modelId"]],
    ["may name any UUID, not only RFC 9562's", { modelId: "00000000-0000-0000-0000-000000000001" }, []],
    ["is not a string", "view", [""]],
    ["is not a list", [], [""]],
    ["is not null", null, [""]],
    ["may carry fields that nobody knows", { modelId, colour: "red", constructor: 1 }, []],
    ["has an id that is a UUID", { modelId, id: 5 }, ["id"]],
    ["has a time that is an instant", { modelId, viewedAt: "yesterday" }, ["viewedAt"]],
    ["has a time with a zone", { modelId, viewedAt: "2026-11-22T10:00:00" }, ["viewedAt"]],
    ["may have a time with an offset", { modelId, viewedAt: "2026-11-22T10:00:00+05:45" }, []],
    ["has a time in this calendar", { modelId, viewedAt: "2026-02-30T10:00:00Z" }, ["viewedAt"]],
    ["has a time that PostgreSQL takes", { modelId, viewedAt: "+275760-09-13T00:00:00.000Z" }, ["viewedAt"]],
    ["has text without NUL", { modelId, path: "/a\0b" }, ["path"]],
    ["has text without lone surrogates", { modelId, referrer: "\ud800" }, ["referrer"]],
    ["may have text with paired ones", { modelId, referrer: "https://example.org/🙂" }, []],
    ["has a referrer of a bounded length", { modelId, referrer: "x".repeat(8_193) }, ["referrer"]],
    [
      "has a viewer that fits its column",
      { modelId, viewerIdentifier: "x".repeat(256) },
      ["viewerIdentifier"],
    ],
    ["has a viewer that is somebody", { modelId, viewerIdentifier: "" }, ["viewerIdentifier"]],
    ["has an address that is one", { modelId, ipAddress: "1.2.3.256" }, ["ipAddress"]],
    ["may have an IPv6 address", { modelId, ipAddress: "2001:db8::1" }, []],
    ["is told of everything at once", { modelId: 1, id: 2, viewedAt: 3 }, ["modelId", "id", "viewedAt"]],
  ] as const)("%s", ([, view, paths]) => {
    expect(refusedFor(view)).toEqual(paths);
  });

  test("is not changed by a key __proto__", () => {
    const parsed = postedViewSchema.parse(
      JSON.parse(`{"modelId":"${modelId}","__proto__":{"viewerIdentifier":"me"}}`),
    );
    expect(parsed).toEqual({ modelId });
    expect(parsed.viewerIdentifier).toBeUndefined();
  });

  test("has its ids in lower case, so that equal ids are equal", () => {
    expect(postedViewSchema.parse({ modelId: modelId.toUpperCase() })).toEqual({ modelId });
  });

  test("is refused or parsed, and never throws, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(postedViewSchema.safeParse(value).success).toBeTypeOf("boolean");
      }),
    );
  });
});

describe("a posted batch", () => {
  test.for([
    ["needs a view", { views: [] }, false],
    ["takes 500", { views: Array(500).fill(null) }, true],
    ["takes no more than 500", { views: Array(501).fill(null) }, false],
    ["does not judge its views", { views: [1, "two", {}] }, true],
    ["may be a backfill", { views: [1], backfill: true }, true],
    ["is a backfill or not", { views: [1], backfill: "yes" }, false],
  ] as const)("%s", ([, batch, accepted]) => {
    expect(postedBatchSchema.safeParse(batch).success).toBe(accepted);
  });
});

describe("a job's payload", () => {
  const view = { id: modelId, modelId, viewerIdentifier: "v", viewedAt: "2026-11-22T10:00:00.000Z" };

  test.for([
    ["of this version is taken", { v: 1, views: [view] }, true],
    ["of another version is not", { v: 2, views: [view] }, false],
    ["without views is not", { v: 1, views: [] }, false],
    ["with a view that lacks its time is not", { v: 1, views: [{ ...view, viewedAt: undefined }] }, false],
  ] as const)("%s", ([, payload, taken]) => {
    expect(viewsPayloadSchema.safeParse(payload).success).toBe(taken);
  });
});
