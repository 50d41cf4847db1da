import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { LETTERS } from "../src/charts/countries.ts";
import { lonePlaces, thinned } from "../src/charts/thin.ts";
import { timeTicks } from "../src/charts/time-ticks.ts";
import { wallTimes } from "../src/charts/wall-times.ts";
import { stepOf } from "../src/charts/world-map.tsx";

const HOUR_MS = 3_600_000;
const BERLIN = "Europe/Berlin";

function hoursFrom(first: string, count: number): { start: string }[] {
  return Array.from({ length: count }, (_, hour) => ({
    start: new Date(Date.parse(first) + hour * HOUR_MS).toISOString(),
  }));
}

/** Days of Berlin begin at different hours of UTC. */
function berlinDays(first: string, count: number): { start: string }[] {
  return Array.from({ length: count }, (_, day) => {
    const midnight = Date.parse(`${first}T00:00:00Z`) + day * 24 * HOUR_MS;
    const offset = [1, 2].find((hours) => hourIn(midnight - hours * HOUR_MS) === "00") ?? 0;
    return { start: new Date(midnight - offset * HOUR_MS).toISOString() };
  });
}

function hourIn(instant: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: BERLIN, hour: "2-digit" }).format(instant);
}

/** Without the zero before an hour, which depends on the version of the locale data. */
const textsOf = (options: Omit<Parameters<typeof timeTicks>[0], "tz" | "locale">) =>
  timeTicks({ ...options, tz: BERLIN, locale: "en-GB" }).map(({ text }) => text.replace(/^0/, ""));

test("clocks show what Intl says, on both days on which they change and for ten years of days", () => {
  const starts = [
    ...berlinDays("2016-11-28", 3_650),
    ...hoursFrom("2026-03-28T22:00:00Z", 30),
    ...hoursFrom("2026-10-24T20:00:00Z", 30),
  ].map(({ start }) => start);
  const shown = wallTimes(starts, BERLIN).map((wall) => new Date(wall).toISOString().slice(0, 13));
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: BERLIN,
    dateStyle: "short",
    timeStyle: "short",
  });
  expect(shown).toEqual(starts.map((start) => format.format(new Date(start)).replace(" ", "T").slice(0, 13)));
});

test.each([
  [
    "23 hours",
    "2026-03-28T23:00:00Z",
    23,
    ["29 Mar", "3:00", "6:00", "9:00", "12:00", "15:00", "18:00", "21:00"],
  ],
  [
    "25 hours",
    "2026-10-24T22:00:00Z",
    25,
    ["25 Oct", "3:00", "6:00", "9:00", "12:00", "15:00", "18:00", "21:00"],
  ],
])("the axis of a day of %s keeps to the times of day", (_, first, count, texts) => {
  expect(textsOf({ items: hoursFrom(first, count), interval: "hour", width: 740 })).toEqual(texts);
});

test("an hour that comes twice is named once, and one that does not come not at all", () => {
  const width = 25 * 100;
  const autumn = textsOf({ items: hoursFrom("2026-10-24T22:00:00Z", 25), interval: "hour", width });
  expect(autumn.slice(0, 5)).toEqual(["25 Oct", "1:00", "2:00", "3:00", "4:00"]);
  const spring = textsOf({ items: hoursFrom("2026-03-28T23:00:00Z", 23), interval: "hour", width });
  expect(spring.slice(0, 4)).toEqual(["29 Mar", "1:00", "3:00", "4:00"]);
});

test("longer periods are named by days, Mondays, months and years, with the year where it is needed", () => {
  const by = (first: string, count: number, width = 940) =>
    textsOf({ items: berlinDays(first, count), interval: "day", width });
  expect(by("2026-11-01", 7)).toEqual(["1 Nov", "2 Nov", "3 Nov", "4 Nov", "5 Nov", "6 Nov", "7 Nov"]);
  expect(by("2026-03-01", 60)).toEqual([
    ...["2 Mar", "9 Mar", "16 Mar", "23 Mar", "30 Mar", "6 Apr", "13 Apr", "20 Apr", "27 Apr"],
  ]);
  expect(by("2026-08-15", 200, 800)).toEqual(["Sept 2026", "Oct", "Nov", "Dec", "Jan 2027", "Feb", "Mar"]);
  expect(by("2016-11-28", 3_650)).toEqual(Array.from({ length: 10 }, (_, year) => String(2017 + year)));
});

test.each([1, 2, 30, 400, 1_000, 3_650])("names of %i hours, days and months never touch", (count) => {
  for (const interval of ["hour", "day", "week", "month"] as const) {
    const length = { hour: 1, day: 24, week: 168, month: 730 }[interval];
    const items = Array.from({ length: count }, (_, index) => ({
      start: new Date(Date.UTC(2016, 10, 28) + index * length * HOUR_MS).toISOString(),
    }));
    const places = timeTicks({ items, interval, tz: "UTC", width: 280 }).map(({ index }) => index);
    const gaps = places
      .slice(1)
      .map((place, at) => ((place - (places[at] ?? 0)) * 280) / Math.max(count - 1, 1));
    expect(Math.min(...gaps, Number.POSITIVE_INFINITY), interval).toBeGreaterThanOrEqual(64);
  }
});

test("thinning a line keeps every column's extremes, its ends and its gaps, and a short line whole", () => {
  const values = Array.from({ length: 3_650 }, (_, day) =>
    day % 500 === 250 ? null : day % 371 === 5 ? 90_000 + day : Math.round(500 + 400 * Math.sin(day)),
  );
  const columns = 900;
  const kept = thinned(values, columns);
  expect(kept).toEqual([...new Set(kept)].sort((one, other) => one - other));
  const each = Math.ceil(values.length / columns);
  const known = (places: number[]) => places.flatMap((place) => values[place] ?? []);
  for (let from = 0; from < values.length; from += each) {
    const all = Array.from({ length: Math.min(each, values.length - from) }, (_, at) => from + at);
    const some = all.filter((place) => kept.includes(place));
    expect(Math.max(...known(some))).toBe(Math.max(...known(all)));
    expect(Math.min(...known(some))).toBe(Math.min(...known(all)));
    expect(some.some((place) => values[place] === null)).toBe(all.some((place) => values[place] === null));
  }
  expect(thinned(values.slice(0, 1_800), columns)).toHaveLength(1_800);
  expect(thinned([], columns)).toEqual([]);
});

test("values between two gaps are points", () => {
  expect(lonePlaces([null, 5, null, 9, null, 3, 4, null, 0])).toEqual([1, 3, 8]);
  expect(lonePlaces([7])).toEqual([0]);
  expect(lonePlaces([7, 8])).toEqual([]);
});

test("every country of the map that has letters is known by them, once, and they name a country", async () => {
  const path = new URL("../node_modules/world-atlas/countries-110m.json", import.meta.url);
  const atlas = JSON.parse(await readFile(path, "utf8")) as {
    objects: { countries: { geometries: { id?: string; properties: { name: string } }[] } };
  };
  const { geometries } = atlas.objects.countries;
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  // Northern Cyprus, Somaliland and Kosovo have no number of ISO 3166-1.
  expect(geometries.filter(({ id }) => id === undefined).map(({ properties }) => properties.name)).toEqual(
    expect.arrayContaining(["Kosovo"]),
  );
  for (const { id, properties } of geometries.filter((each) => each.id !== undefined)) {
    const letters = LETTERS.get(id ?? "");
    expect(letters, properties.name).toMatch(/^[A-Z]{2}$/);
    expect(names.of(letters ?? ""), properties.name).toBeDefined();
  }
  expect(new Set(LETTERS.values()).size).toBe(LETTERS.size);
  const ids = new Set(geometries.map(({ id }) => id));
  expect([...LETTERS.keys()].filter((number) => !ids.has(number))).toEqual([]);
});

test("the map's color is by the square root of views, and only no views have none", () => {
  expect([0, 1, 400, 401, 1_600, 3_600, 3_601, 6_401, 10_000].map((views) => stepOf(views, 10_000))).toEqual([
    0, 1, 1, 2, 2, 3, 4, 5, 5,
  ]);
  expect(stepOf(1, 1)).toBe(5);
});
