import { expect, test } from "vitest";
import { type Address, DEFAULT_ADDRESS } from "../src/address/address.ts";
import { addDays, addMonths, dayIn, daysBetween, isDay, startOfWeek } from "../src/address/days.ts";
import { comparedDays, periodOf } from "../src/address/period.ts";
import { shiftRange } from "../src/address/shift-range.ts";

const NOON = "2026-11-28T12:00:00Z";
const site = (now = NOON, firstDay: string | null = "2026-01-10", reportingTimeZone = "UTC") => ({
  now,
  reportingTimeZone,
  firstDay,
});
const period = (change: Partial<Address>, at = site()) => periodOf({ ...DEFAULT_ADDRESS, ...change }, at);

test("calendar days have 24 hours for arithmetic, on days on which clocks change too", () => {
  expect(addDays("2026-03-28", 2)).toBe("2026-03-30");
  expect(daysBetween("2026-10-24", "2026-10-26")).toBe(2);
  expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
  expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  expect(startOfWeek("2026-11-29")).toBe("2026-11-23");
  expect(startOfWeek("2026-11-23")).toBe("2026-11-23");
});

test.each([
  ["2024-02-29", -12, "2023-02-28"],
  ["2024-02-29", -48, "2020-02-29"],
  ["2026-03-31", -1, "2026-02-28"],
  ["2026-12-31", 2, "2027-02-28"],
  ["2026-01-15", -1, "2025-12-15"],
])("%s and %i months are %s", (day, months, result) => {
  expect(addMonths(day, months)).toBe(result);
});

test.each(["2026-02-29", "2026-13-01", "2026-1-1", "20261128", "", "2026-11-28T00:00:00Z"])(
  "%j is no day",
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);

test.each([
  ["Pacific/Kiritimati", "2026-11-29"],
  ["UTC", "2026-11-28"],
  ["Pacific/Pago_Pago", "2026-11-27"],
])("today in %s is %s", (tz, today) => {
  const now = tz === "Pacific/Pago_Pago" ? "2026-11-28T10:59:00Z" : NOON;
  expect(dayIn(new Date(now), tz)).toBe(today);
  expect(period({ range: "today", tz }, site(now))).toMatchObject({
    firstDay: today,
    lastDay: today,
    days: 1,
  });
});

test.each([
  ["today", "2026-11-28", "2026-11-28", 1, true, "hour"],
  ["yesterday", "2026-11-27", "2026-11-27", 1, false, "hour"],
  ["7d", "2026-11-22", "2026-11-28", 7, true, "day"],
  ["28d", "2026-11-01", "2026-11-28", 28, true, "day"],
  ["90d", "2026-08-31", "2026-11-28", 90, true, "day"],
  ["12m", "2025-12-01", "2026-11-28", 363, true, "week"],
  ["week", "2026-11-23", "2026-11-28", 6, true, "day"],
  ["month", "2026-11-01", "2026-11-28", 28, true, "day"],
  ["last-month", "2026-10-01", "2026-10-31", 31, false, "day"],
  ["year", "2026-01-01", "2026-11-28", 332, true, "week"],
  ["all", "2026-01-10", "2026-11-28", 323, true, "week"],
] as const)("%s is from %s to %s", (range, firstDay, lastDay, days, isOpen, interval) => {
  const found = period({ range });
  expect(found).toMatchObject({ firstDay, lastDay, days, isOpen, interval });
  expect(found.params).toEqual({ from: firstDay, to: isOpen ? undefined : addDays(lastDay, 1), tz: "UTC" });
});

test("days on which clocks change count as one, in the zone of the address", () => {
  const at = site("2026-03-29T22:30:00Z", null, "Europe/Berlin");
  expect(period({ range: "today" }, at)).toMatchObject({ firstDay: "2026-03-30", days: 1 });
  expect(period({ range: "yesterday" }, at)).toMatchObject({
    firstDay: "2026-03-29",
    days: 1,
    interval: "hour",
  });
  expect(period({ range: "yesterday", tz: "UTC" }, at)).toMatchObject({ firstDay: "2026-03-28" });
});

test("all time is ten years at most, and 28 days without a view", () => {
  expect(period({ range: "all" }, site(NOON, "2003-05-05"))).toMatchObject({
    firstDay: "2016-11-29",
  });
  expect(period({ range: "all" }, site(NOON, "2026-01-10", "Asia/Tokyo"))).toMatchObject({
    firstDay: "2026-01-10",
  });
  expect(
    period({ range: "all", tz: "UTC" }, site(NOON, "2026-01-10", "Asia/Tokyo")),
    "the first view was at 08:00 in Tokyo, on the 9th in UTC",
  ).toMatchObject({ firstDay: "2026-01-09" });
  expect(period({ range: "all" }, site(NOON, null))).toMatchObject({ firstDay: "2026-11-01", days: 28 });
  const leap = site("2028-02-29T12:00:00Z", "2003-05-05");
  expect(period({ range: "all" }, leap)).toMatchObject({ firstDay: "2018-03-01", interval: "month" });
});

test("days that have not come are left out", () => {
  expect(period({ range: { from: "2026-11-20", to: "2026-12-24" } })).toMatchObject({
    lastDay: "2026-11-28",
    days: 9,
    isOpen: true,
  });
  expect(period({ range: { from: "2027-01-01", to: "2027-01-31" } })).toMatchObject({
    firstDay: "2026-11-28",
    days: 1,
    isOpen: true,
  });
});

test("an interval that makes too many buckets is not used", () => {
  expect(period({ range: "28d", interval: "hour" }).interval).toBe("hour");
  expect(period({ range: "90d", interval: "hour" }).interval).toBe("day");
  expect(period({ range: "28d", interval: "month" }).interval).toBe("month");
});

test("the question has what differs from its defaults", () => {
  const asked = period({ compare: "none", bots: "only", filters: { country: "" } });
  expect(asked.comparedParams).toEqual({ ...asked.params, compare: undefined });
  expect(asked.filterParams).toEqual({ country: "", bots: "only" });
  expect(period({}).comparedParams).toMatchObject({ compare: "days" });
});

test.each([
  ["days", "28d", "2026-10-04", "2026-10-31"],
  ["weekdays", "28d", "2026-10-04", "2026-10-31"],
  ["days", "today", "2026-11-27", "2026-11-27"],
  ["weekdays", "today", "2026-11-21", "2026-11-21"],
  ["weekdays", "90d", "2026-06-01", "2026-08-29"],
  ["year", "month", "2025-11-01", "2025-11-28"],
] as const)("compared by %s, %s begins on %s", (compare, range, firstDay, lastDay) => {
  expect(comparedDays(period({ range }), compare)).toEqual({ firstDay, lastDay });
});

test("29 February is compared with 28 February", () => {
  const day = { firstDay: "2024-02-29", lastDay: "2024-02-29", days: 1 };
  expect(comparedDays(day, "year")).toEqual({ firstDay: "2023-02-28", lastDay: "2023-02-28" });
  expect(comparedDays(day, "none")).toBeUndefined();
});

test.each([
  ["today", "yesterday"],
  ["28d", { from: "2026-10-04", to: "2026-10-31" }],
  ["90d", { from: "2026-06-02", to: "2026-08-30" }],
  ["week", { from: "2026-11-16", to: "2026-11-22" }],
  ["month", "last-month"],
  ["12m", { from: "2024-12-01", to: "2025-11-30" }],
  ["year", { from: "2025-01-01", to: "2025-12-31" }],
] as const)("before %s is %j, and after that %s again", (range, before) => {
  expect(shiftRange({ range, tz: undefined }, -1, site())).toEqual(before);
  expect(shiftRange({ range: before, tz: undefined }, 1, site())).toEqual(range);
  expect(shiftRange({ range, tz: undefined }, 1, site())).toBeUndefined();
});

test.each([
  [
    "whole months, also over February",
    { from: "2026-01-01", to: "2026-02-28" },
    1,
    { from: "2026-03-01", to: "2026-04-30" },
  ],
  ["a leap year", { from: "2024-02-01", to: "2024-02-29" }, -1, { from: "2024-01-01", to: "2024-01-31" }],
  [
    "other days by their number",
    { from: "2026-11-03", to: "2026-11-05" },
    -1,
    { from: "2026-10-31", to: "2026-11-02" },
  ],
  [
    "days that would end after today end today",
    { from: "2026-11-14", to: "2026-11-24" },
    1,
    { from: "2026-11-18", to: "2026-11-28" },
  ],
] as const)("shifted: %s", (_, range, by, result) => {
  expect(shiftRange({ range, tz: undefined }, by, site())).toEqual(result);
});

test("nothing comes before or after all time", () => {
  expect(shiftRange({ range: "all", tz: undefined }, -1, site())).toBeUndefined();
});

test("nothing is compared with days before the site's first view", () => {
  const asked = (firstDay: string) => {
    const { compare, countedSince, comparedParams } = period({ range: "28d" }, site(NOON, firstDay));
    return { compare, countedSince, params: comparedParams["compare"] };
  };
  expect(asked("2026-10-04")).toEqual({ compare: "days", countedSince: undefined, params: "days" });
  expect(asked("2026-10-05")).toEqual({ compare: "none", countedSince: "2026-10-05", params: undefined });
});
