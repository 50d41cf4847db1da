import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Address,
  COMPARISONS,
  DEFAULT_ADDRESS,
  DIMENSIONS,
  readAddress,
  writeAddress,
} from "../src/address/address.ts";
import { addDays } from "../src/address/days.ts";
import { RANGES } from "../src/address/ranges.ts";
import { parseSearch, writeSearch } from "../src/address/search.ts";

/** A day of some fifty years. */
const day = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays("2000-01-01", days));
const chosenDays = fc
  .tuple(day, fc.integer({ min: 0, max: 3_652 }))
  .map(([from, days]) => ({ from, to: addDays(from, days) }));
/** Any text that a browser can show: half of a surrogate pair is none. */
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).map((each) => each.toWellFormed());
const optional = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });

const anyAddress: fc.Arbitrary<Address> = fc.record({
  range: fc.oneof(fc.constantFrom(...RANGES), chosenDays),
  tz: optional(fc.constantFrom("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires")),
  compare: fc.constantFrom(...COMPARISONS),
  interval: optional(fc.constantFrom("hour", "day", "week", "month")),
  category: optional(text),
  bots: fc.constantFrom("exclude", "include", "only"),
  filters: fc.dictionary(fc.constantFrom(...DIMENSIONS), fc.oneof(text, fc.constant("")), {
    noNullPrototype: true,
  }),
});

test("every address is read as it was written, also through the text of the browser's address", () => {
  fc.assert(
    fc.property(anyAddress, (address) => {
      const query = writeSearch(writeAddress(address));
      expect(readAddress(parseSearch(query))).toEqual({ address, wrong: [] });
    }),
  );
});

test("what is typed into a filter never fails to be written, not even half of a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (typed) => {
      expect(parseSearch(writeSearch({ q: typed }))).toEqual({ q: typed.toWellFormed() });
    }),
  );
  expect(writeSearch({ q: "a\ud83d" })).toBe("?q=a%EF%BF%BD");
});

test("the default is an address without a query", () => {
  expect(writeSearch(writeAddress(DEFAULT_ADDRESS))).toBe("");
  expect(readAddress({})).toEqual({ address: DEFAULT_ADDRESS, wrong: [] });
});

test.each([
  [
    "a range, a zone and a comparison",
    { range: "7d", tz: "Europe/Berlin", compare: "weekdays" },
    "?range=7d&tz=Europe/Berlin&compare=weekdays",
  ],
  [
    "days that were chosen",
    { range: { from: "2026-11-01", to: "2026-11-28" } },
    "?from=2026-11-01&to=2026-11-28",
  ],
  ["a category of two words", { category: "New faces" }, "?category=New+faces"],
  [
    "filters, in the order of the page",
    { filters: { utm_campaign: "spring,2026", referrer: "google.com", country: "" } },
    "?country=&referrer=google.com&utm_campaign=spring,2026",
  ],
] satisfies [string, Partial<Address>, string][])("an address reads well: %s", (_, change, query) => {
  expect(writeSearch(writeAddress({ ...DEFAULT_ADDRESS, ...change }))).toBe(query);
});

test.each([
  ["an unknown word", "?range=fortnight", ["range"]],
  ["a day that no month has", "?from=2026-02-29&to=2026-03-01", ["from"]],
  ["one of two days", "?to=2026-03-01", ["from"]],
  ["days in the wrong order", "?from=2026-03-02&to=2026-03-01", ["to"]],
  ["more than ten years", "?from=2010-01-01&to=2026-03-01", ["to"]],
  ["an abbreviation of a zone", "?tz=CET", ["tz"]],
  ["a zone without such a place", "?tz=Europe/Atlantis", ["tz"]],
  ["JSON", '?compare={"to":"year"}&interval="day"', ["compare", "interval"]],
  ["bots of another kind", "?bots=yes", ["bots"]],
])("what is wrong is named and ignored: %s", (_, query, names) => {
  const { address, wrong } = readAddress(parseSearch(query));
  expect(address).toEqual(DEFAULT_ADDRESS);
  expect(wrong.map(({ name }) => name)).toEqual(names);
});

test("wrong parts leave the right ones alone", () => {
  const { address } = readAddress(parseSearch("?range=nonsense&country=DE&compare=year"));
  expect(address).toEqual({ ...DEFAULT_ADDRESS, compare: "year", filters: { country: "DE" } });
});

test("of a name that comes twice, the last one counts; a name like one of JavaScript's own is text too", () => {
  expect(parseSearch("?range=7d&range=28d")).toEqual({ range: "28d" });
  const odd = parseSearch("?__proto__=1&toString=2");
  expect(writeSearch(odd)).toBe("?__proto__=1&toString=2");
  expect(readAddress(odd)).toEqual({ address: DEFAULT_ADDRESS, wrong: [] });
});
