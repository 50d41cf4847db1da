import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { addDays, isDay } from "./days.ts";
import { RANGES, type Range } from "./ranges.ts";
import type { Search } from "./search.ts";

export const COMPARISONS = ["none", "days", "weekdays", "year"] as const;
/** With what a period is compared; `none`: with nothing. The others are those of the stats API. */
export type Comparison = (typeof COMPARISONS)[number];

export const DIMENSIONS = [
  "country",
  "device",
  "browser",
  "os",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
] as const satisfies readonly Dimension[];

/** What an address says about every page. */
export type Address = {
  /** A word, or days that were chosen: both included. */
  range: Range | { from: string; to: string };
  /** Undefined: the reporting time zone. */
  tz: string | undefined;
  compare: Comparison;
  /** Undefined: what suits the period. */
  interval: Interval | undefined;
  category: string | undefined;
  bots: "exclude" | "include" | "only";
  /** Only views that have these values; an empty text stands for views whose value is unknown. */
  filters: Readonly<Partial<Record<Dimension, string>>>;
};

/** A part of an address that is wrong, and is ignored. */
export type WrongPart = {
  name: string;
  value: string;
  why: string;
  /** What is right of it, where a part of a list is wrong. */
  instead?: string | undefined;
};

export const DEFAULT_ADDRESS: Address = {
  range: "28d",
  tz: undefined,
  compare: "days",
  interval: undefined,
  category: undefined,
  bots: "exclude",
  filters: {},
};

const INTERVALS = ["hour", "day", "week", "month"] as const satisfies readonly Interval[];
const BOTS = ["exclude", "include", "only"] as const;

/** Reads what an address says about every page. Wrong parts are left out, and named. */
export function readAddress(search: Search): { address: Address; wrong: WrongPart[] } {
  const wrong: WrongPart[] = [];
  const oneOf = <const Word extends string>(name: string, words: readonly Word[]): Word | undefined => {
    const value = search[name];
    if (value === undefined) return undefined;
    const word = words.find((each) => each === value);
    if (word === undefined) wrong.push({ name, value, why: `is none of ${words.join(", ")}` });
    return word;
  };
  const range = readDays(search, wrong) ?? oneOf("range", RANGES) ?? DEFAULT_ADDRESS.range;
  const filters: Partial<Record<Dimension, string>> = {};
  for (const dimension of DIMENSIONS) {
    const value = search[dimension];
    if (value !== undefined) filters[dimension] = value;
  }
  const address: Address = {
    range,
    tz: readZone(search, wrong),
    compare: oneOf("compare", COMPARISONS) ?? DEFAULT_ADDRESS.compare,
    interval: oneOf("interval", INTERVALS),
    category: search["category"] || undefined,
    bots: oneOf("bots", BOTS) ?? DEFAULT_ADDRESS.bots,
    filters,
  };
  return { address, wrong };
}

/** Writes what {@link readAddress} reads, in a fixed order and without defaults. Undefined removes a name. */
export function writeAddress(address: Address): Record<string, string | undefined> {
  const { range, tz, compare, interval, category, bots, filters } = address;
  const isWord = typeof range === "string";
  return {
    range: isWord && range !== DEFAULT_ADDRESS.range ? range : undefined,
    from: isWord ? undefined : range.from,
    to: isWord ? undefined : range.to,
    tz,
    compare: compare === DEFAULT_ADDRESS.compare ? undefined : compare,
    interval,
    category,
    bots: bots === DEFAULT_ADDRESS.bots ? undefined : bots,
    ...Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, filters[dimension]])),
  };
}

/** The stats API answers ten years at most. */
const DAYS_MAX = 3_652;

function readDays({ from, to }: Search, wrong: WrongPart[]): { from: string; to: string } | undefined {
  if (from === undefined && to === undefined) return undefined;
  const before = wrong.length;
  if (from === undefined || !isDay(from)) {
    wrong.push({ name: "from", value: from ?? "", why: "must be a day like 2026-11-01" });
  }
  if (to === undefined || !isDay(to)) {
    wrong.push({ name: "to", value: to ?? "", why: "must be a day like 2026-11-28" });
  }
  if (from === undefined || to === undefined || wrong.length > before) return undefined;
  if (to < from || addDays(from, DAYS_MAX) < to) {
    wrong.push({ name: "to", value: to, why: "must be within the ten years after from" });
    return undefined;
  }
  return { from, to };
}

function readZone({ tz }: Search, wrong: WrongPart[]): string | undefined {
  if (tz === undefined) return undefined;
  if (isZone(tz)) return tz;
  wrong.push({ name: "tz", value: tz, why: "must be UTC or a time zone like Europe/Berlin" });
  return undefined;
}

/** The zones that the stats API takes: with a place, because others are read as fixed offsets. */
function isZone(name: string): boolean {
  if (name === "UTC") return true;
  if (!/^[A-Za-z_]+\/./.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
