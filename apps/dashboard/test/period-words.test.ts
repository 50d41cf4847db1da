import { expect, test } from "vitest";
import { DEFAULT_ADDRESS } from "../src/address/address.ts";
import { periodOf } from "../src/address/period.ts";
import { describePeriod } from "../src/parts/period-words.ts";

const site = { now: "2026-11-28T12:00:00Z", reportingTimeZone: "UTC", firstDay: null };

test.each([
  ["28d", "days", /until now, compared with the 28 days before \(.*2026, until the same time of day\)$/],
  [
    "yesterday",
    "days",
    /, compared with the day before \([^,]*, 2026\)$|, compared with the day before \([^,]*2026\)$/,
  ],
  ["yesterday", "weekdays", /compared with the same weekday one week earlier/],
  ["28d", "weekdays", /compared with the same weekdays 4 weeks earlier/],
  ["last-month", "year", /compared with the same dates one year earlier \(.*2025\)$/],
  ["last-month", "none", /^[^(]*2026$/],
] as const)("%s compared by %s", (range, compare, words) => {
  const period = periodOf({ ...DEFAULT_ADDRESS, range }, site);
  expect(describePeriod(period, compare)).toMatch(words);
});

test("all time, of views from more than ten years ago", () => {
  const period = periodOf({ ...DEFAULT_ADDRESS, range: "all" }, { ...site, firstDay: "2015-05-17" });
  expect(describePeriod(period, "none")).toMatch(
    /: ten years at most\. Earlier views, since .*2015, are not shown$/,
  );
});

test("without anything to compare with", () => {
  const period = periodOf({ ...DEFAULT_ADDRESS, range: "28d" }, { ...site, firstDay: "2026-11-01" });
  expect(describePeriod(period, "days")).toMatch(
    /until now\. Nothing is compared: views are counted since .*2026$/,
  );
});
