import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { createAssignedTimes } from "../src/view/assigned-times.ts";
import { createEnrichView } from "../src/view/enrich-view.ts";
import { viewTime } from "../src/view/view-time.ts";

const now = new Date("2026-11-22T12:00:00.000Z");
const v7At = (time: string) => uuidv7({ msecs: new Date(time).getTime() });
const V4 = "6f1b0a5e-0c1f-4d7e-9a38-3f0f4f0e6a11";

describe("the time of a server's view", () => {
  test.for([
    ["as given", { viewedAt: "2026-11-22T11:59:00.000Z" }, "2026-11-22T11:59:00.000Z", false],
    ["as given, in UTC", { viewedAt: "2026-11-22T13:00:00.000+02:00" }, "2026-11-22T11:00:00.000Z", false],
    ["that inside a UUIDv7", { id: v7At("2026-11-20T00:00:00.123Z") }, "2026-11-20T00:00:00.123Z", false],
    [
      "as given rather than inside the id",
      { id: v7At("2026-11-20T00:00:00Z"), viewedAt: "2026-11-21T00:00:00.000Z" },
      "2026-11-21T00:00:00.000Z",
      false,
    ],
    ["now with an id that has no time", { id: V4 }, "2026-11-22T12:00:00.000Z", false],
    ["now with nothing", {}, "2026-11-22T12:00:00.000Z", false],
    [
      "7 days ago at the earliest",
      { viewedAt: "2026-11-15T12:00:00.000Z" },
      "2026-11-15T12:00:00.000Z",
      false,
    ],
    ["replaced when older", { viewedAt: "2026-11-15T11:59:59.999Z" }, "2026-11-22T12:00:00.000Z", true],
    [
      "5 minutes ahead at the latest",
      { viewedAt: "2026-11-22T12:05:00.000Z" },
      "2026-11-22T12:05:00.000Z",
      false,
    ],
    ["replaced when later", { viewedAt: "2026-11-22T12:05:00.001Z" }, "2026-11-22T12:00:00.000Z", true],
    [
      "that inside the id when the one given is wrong",
      { id: v7At("2026-11-20T00:00:00Z"), viewedAt: "2026-11-22T13:00:00Z" },
      "2026-11-20T00:00:00.000Z",
      true,
    ],
    [
      "replaced when the clock inside the id is wrong",
      { id: v7At("2009-01-01T00:00:00Z") },
      "2026-11-22T12:00:00.000Z",
      true,
    ],
    [
      "replaced when of the year 9999",
      { viewedAt: "9999-12-31T23:59:59Z" },
      "2026-11-22T12:00:00.000Z",
      true,
    ],
  ] as const)("is %s", ([, given, viewedAt, replaced]) => {
    const time = viewTime(given, { now, source: "server" });
    expect(time).toMatchObject({ viewedAt: new Date(viewedAt), replaced });
  });

  test.for([
    ["takes long ago", "2015-05-20T21:05:35.000Z", false],
    ["takes nothing from before the web", "1989-12-31T23:59:59.999Z", true],
    ["takes nothing from the future", "2026-11-22T13:00:00.000Z", true],
  ] as const)("in a backfill it %s", ([, viewedAt, replaced]) => {
    expect(viewTime({ viewedAt }, { now, source: "backfill" }).replaced).toBe(replaced);
  });
});

describe("the time of a browser's view", () => {
  const v7 = { id: v7At("2026-11-22T11:56:00.123Z") };
  test.for([
    ["as given", { viewedAt: "2026-11-22T11:59:00.000Z" }, "2026-11-22T11:59:00.000Z", false],
    ["that inside a UUIDv7", v7, "2026-11-22T11:56:00.123Z", false],
    [
      "5 minutes ago at the earliest",
      { viewedAt: "2026-11-22T11:55:00Z" },
      "2026-11-22T11:55:00.000Z",
      false,
    ],
    ["replaced when older", { viewedAt: "2026-11-22T11:54:59.999Z" }, now.toISOString(), true],
    [
      "5 minutes ahead at the latest",
      { viewedAt: "2026-11-22T12:05:00Z" },
      "2026-11-22T12:05:00.000Z",
      false,
    ],
    ["replaced when later", { viewedAt: "2026-11-22T12:05:00.001Z" }, now.toISOString(), true],
    [
      "replaced when its clock is two days behind",
      { viewedAt: "2026-11-20T12:00:00Z" },
      now.toISOString(),
      true,
    ],
    [
      "replaced when the clock inside the id is",
      { id: v7At("2026-11-20T12:00:00Z") },
      now.toISOString(),
      true,
    ],
    ["now with an id that has no time", { id: V4 }, now.toISOString(), false],
  ] as const)("is %s", ([, given, viewedAt, replaced]) => {
    const time = viewTime(given, { now, source: "browser" });
    expect(time).toMatchObject({ viewedAt: new Date(viewedAt), replaced });
  });
});

describe("a view that is sent again", () => {
  const modelId = "0190aaaa-0000-7000-8000-000000000001";
  const later = new Date(now.getTime() + 20_000);
  const stamp = createEnrichView({ storeIp: "off", storeUserAgent: false }, { enrich: () => ({}) });
  const stamped = (posted: { modelId: string; id?: string; viewedAt?: string }, at: Date) => {
    const timeSource = "server" as const;
    const who = { viewerIdentifier: "a", address: undefined, userAgent: undefined, isOwnHost: () => false };
    return stamp(posted, { ...who, now: at, timeSource });
  };

  test.for([
    ["a time an hour ahead", { id: v7At("2026-11-22T13:00:00Z"), viewedAt: "2026-11-22T13:00:00Z" }, true],
    ["a time an hour ahead, and an id without one", { id: V4, viewedAt: "2026-11-22T13:00:00Z" }, true],
    ["a time of long ago inside its id", { id: v7At("2009-01-01T00:00:00Z") }, true],
    ["an id without a time", { id: "7f1b0a5e-0c1f-4d7e-9a38-3f0f4f0e6a12" }, undefined],
  ] as const)("with %s is the same view", ([, posted, replaced]) => {
    const first = stamped({ modelId, ...posted }, now);
    expect(first.viewedAtReplaced).toBe(replaced);
    expect(stamped({ modelId, ...posted }, later)).toEqual(first);
    const ofAnother = stamped({ modelId: "0190aaaa-0000-7000-8000-000000000002", ...posted }, later);
    expect(ofAnother.viewedAt).toBe(later.toISOString());
  });

  test("is remembered as long as there is room", () => {
    const times = createAssignedTimes({ viewsMax: 2 });
    const [one, two, three] = ["1", "2", "3"].map((id) => ({ modelId, id }));
    if (!one || !two || !three) throw new Error("three views");
    for (const view of [one, two]) times.of(view, now);
    expect(times.of(one, later)).toBe(now);
    times.of(three, now);
    expect(times.of(two, later)).toBe(later);
  });

  test("is remembered for as long as 10,000 others have not come", () => {
    const times = createAssignedTimes();
    for (let n = 0; n < 10_000; n += 1) times.of({ modelId, id: String(n) }, now);
    expect(times.of({ modelId, id: "0" }, later)).toBe(now);
    times.of({ modelId, id: "one more" }, now);
    expect(times.of({ modelId, id: "1" }, later)).toBe(later);
  });
});
