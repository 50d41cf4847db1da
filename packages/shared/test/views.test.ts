import { postedBatchSchema, postedViewSchema } from "@model-views/shared/contracts/views.ts";
import { viewsPayloadSchema } from "@model-views/shared/contracts/views-queue.ts";
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
    ["has a viewer without NUL", { modelId, viewerId: "a\0b" }, ["viewerId"]],
    ["has a viewer without lone surrogates", { modelId, viewerId: "\ud800" }, ["viewerId"]],
    ["may have a viewer with paired ones", { modelId, viewerId: "🙂" }, []],
    [
      "has a viewer that fits its column",
      { modelId, viewerIdentifier: "x".repeat(256) },
      ["viewerIdentifier"],
    ],
    ["has a viewer that is somebody", { modelId, viewerIdentifier: "" }, ["viewerIdentifier"]],
    ["may have null for what it does not say", { modelId, id: null, viewedAt: null, viewerId: null }, []],
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

  test.for([
    ["in upper case", "0190AAAA-0000-7000-8000-000000000001"],
    ["in braces", "{0190aaaa-0000-7000-8000-000000000001}"],
    ["without hyphens", "0190AAAA000070008000000000000001"],
    ["with a hyphen after each four digits", "0190-aaaa-0000-7000-8000-0000-0000-0001"],
    ["in braces and without hyphens", "{0190aaaa000070008000000000000001}"],
    ["as a URN", "urn:uuid:0190aaaa-0000-7000-8000-000000000001"],
    ["with white space around", "\u00a0 0190aaaa-0000-7000-8000-000000000001\r\n"],
  ] as const)("has its ids in one spelling, so that equal ids are equal: %s", ([, spelled]) => {
    expect(postedViewSchema.parse({ modelId: spelled, id: spelled })).toEqual({ modelId, id: modelId });
  });

  test.for([
    "0190aaaa-0000-7000-8000-00000000000",
    "0190aaaa-0000-7000-8000-0000000000011",
    "0190aaaa-0000-7000-8000-00000000000g",
    "{0190aaaa-0000-7000-8000-000000000001",
    "{{0190aaaa-0000-7000-8000-000000000001}}",
    "019-0aaaa-0000-7000-8000-000000000001",
    "0190aaaa--0000-7000-8000-000000000001",
    "-0190aaaa-0000-7000-8000-000000000001",
    "0190aaaa-0000-7000-8000-000000000001-",
    "urn:0190aaaa-0000-7000-8000-000000000001",
    "0190aaaa 0000 7000 8000 000000000001",
    "",
  ])("takes no model %j", (spelled) => {
    expect(refusedFor({ modelId: spelled })).toEqual(["modelId"]);
  });

  test("says what it can of what is optional and wrong", () => {
    const view = {
      modelId,
      referrer: 5,
      path: null,
      token: "x".repeat(129),
      automated: "yes",
      ipAddress: "unknown, [2001:DB8::1]:443",
      userAgent: `\0${"x".repeat(2_000)}`,
    };
    const { ipAddress, userAgent, ...others } = postedViewSchema.parse(view);
    expect(ipAddress).toBe("2001:db8::1");
    expect(userAgent).toBe("x".repeat(1_024));
    expect(Object.values(others).filter((value) => value !== undefined)).toEqual([modelId]);
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
