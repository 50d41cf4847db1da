import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import type { Params } from "../api/ask.ts";
import type { Address, Comparison } from "./address.ts";
import { addDays, addMonths, dayIn, daysBetween } from "./days.ts";
import { type Days, daysOf } from "./ranges.ts";

/** What periods depend on, of the site. `now` is the server's clock, so that a wrong clock of the reader does not choose the days. */
export type SiteTime = { now: string; reportingTimeZone: string; firstDay: string | null };

/** The period that a page is about. */
export type AskedPeriod = {
  tz: string;
  /** The first day, and the last one: both included. */
  firstDay: string;
  lastDay: string;
  days: number;
  /** Whether it ends now: its last bucket still grows. */
  isOpen: boolean;
  /** The interval asked for, or one that suits its length. */
  interval: Interval;
  /** `from`, `to` and `tz` for every question about the period. */
  params: Params;
  /**
   * The comparison that the address asks for. Not where the earlier period begins before the site's first view: every figure would have
   * grown.
   */
  compare: Comparison;
  /** The site's first day, where that is why nothing is compared. */
  countedSince?: string;
  /** The site's first day, where "all time" begins later: the stats API answers ten years at most. */
  notShownSince?: string;
  /** Those of `params`, with `compare`. */
  comparedParams: Params;
  /** Filters and bots of the address, for the questions that take them. */
  filterParams: Params;
};

/** The period of an address. Days that have not come yet are left out. */
export function periodOf(
  { range, tz: askedTz, compare, interval, bots, filters }: Address,
  site: SiteTime,
): AskedPeriod {
  const tz = askedTz ?? site.reportingTimeZone;
  const today = todayOf(site, tz);
  const { from, to } = typeof range === "string" ? daysOfWord(range, site, tz) : chosenDays(range, today);
  const lastDay = to === undefined ? today : addDays(to, -1);
  const days = daysBetween(from, lastDay) + 1;
  const params = { from, to, tz };
  const shown = { firstDay: from, lastDay, days };
  const before = comparedDays(shown, compare);
  const isTooEarly = site.firstDay !== null && before !== undefined && before.firstDay < site.firstDay;
  const comparison = isTooEarly ? "none" : compare;
  const isCutOff = range === "all" && site.firstDay !== null && site.firstDay < from;
  return {
    tz,
    ...shown,
    compare: comparison,
    ...(isTooEarly && site.firstDay !== null && { countedSince: site.firstDay }),
    ...(isCutOff && site.firstDay !== null && { notShownSince: site.firstDay }),
    isOpen: to === undefined,
    interval: fittingInterval(interval, days),
    params,
    comparedParams: { ...params, compare: comparison === "none" ? undefined : comparison },
    filterParams: { ...filters, bots: bots === "exclude" ? undefined : bots },
  };
}

/** The day that it is for the server, in a time zone. */
export function todayOf({ now }: Pick<SiteTime, "now">, tz: string): string {
  return dayIn(new Date(now), tz);
}

/** The days of a range that is named by a word. */
export function daysOfWord(range: Parameters<typeof daysOf>[0], site: SiteTime, tz: string): Days {
  // In another zone the first view may be on the day before or after: an empty day more does no harm.
  const isOther = tz !== site.reportingTimeZone;
  const firstDay = site.firstDay === null ? undefined : isOther ? addDays(site.firstDay, -1) : site.firstDay;
  return daysOf(range, { now: new Date(site.now), tz, firstDay });
}

function chosenDays({ from, to }: { from: string; to: string }, today: string): Days {
  if (to < today) return { from, to: addDays(to, 1) };
  return { from: from > today ? today : from };
}

/** The days with which a period is compared: both included. Undefined without a comparison. */
export function comparedDays(
  { firstDay, lastDay, days }: Pick<AskedPeriod, "firstDay" | "lastDay" | "days">,
  compare: Comparison,
): { firstDay: string; lastDay: string } | undefined {
  if (compare === "none") return undefined;
  if (compare === "year") return { firstDay: addMonths(firstDay, -12), lastDay: addMonths(lastDay, -12) };
  const earlier = compare === "days" ? days : Math.ceil(days / 7) * 7;
  return { firstDay: addDays(firstDay, -earlier), lastDay: addDays(lastDay, -earlier) };
}

/** Buckets in a chart at most; the stats API answers 1,000. */
const BUCKETS_MAX = 1_000;
const DAYS_OF: Readonly<Record<Interval, number>> = { hour: 1 / 24, day: 1, week: 7, month: 28 };

/** Whether a chart of so many days can have buckets of an interval. */
export function fits(interval: Interval, days: number): boolean {
  return days / DAYS_OF[interval] <= BUCKETS_MAX - 2;
}

function fittingInterval(asked: Interval | undefined, days: number): Interval {
  if (asked !== undefined && fits(asked, days)) return asked;
  if (days <= 2) return "hour";
  if (days <= 92) return "day";
  return days <= 740 ? "week" : "month";
}
