import { expect, test } from "vitest";
import { type Address, DEFAULT_ADDRESS } from "../src/address/address.ts";
import { narrowingsOf } from "../src/parts/narrowing.ts";

const all: Address = {
  ...DEFAULT_ADDRESS,
  tz: "Asia/Tokyo",
  category: "New faces",
  bots: "only",
  filters: { utm_campaign: "spring", referrer: "" },
};

test("each part of what is narrowed has words, and the change that removes it alone", () => {
  expect(narrowingsOf(all, { filters: true, category: true })).toEqual([
    { label: "Referrer: Direct or unknown", without: { filters: { utm_campaign: "spring" } } },
    { label: "Campaign: spring", without: { filters: { referrer: "" } } },
    { label: "Category: New faces", without: { category: undefined } },
    { label: "Days of Asia/Tokyo", without: { tz: undefined } },
    { label: "Bots only", without: { bots: "exclude" } },
  ]);
});

test("a page names only what it has a use for", () => {
  expect(narrowingsOf(all, { filters: false, category: false }).map(({ label }) => label)).toEqual([
    "Days of Asia/Tokyo",
  ]);
  expect(narrowingsOf(DEFAULT_ADDRESS, { filters: true, category: true })).toEqual([]);
});
