import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import { viewTime } from "../src/view-time.ts";

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
    expect(viewTime(given, { now, source: "server" })).toEqual({ viewedAt: new Date(viewedAt), replaced });
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
    expect(viewTime(given, { now, source: "browser" })).toEqual({ viewedAt: new Date(viewedAt), replaced });
  });
});
