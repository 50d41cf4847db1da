import { addDays, addMonths, dayIn, startOfMonth, startOfWeek, startOfYear } from "./days.ts";

/** Ranges that an address names by a word. */
export const RANGES = [
  "today",
  "yesterday",
  "7d",
  "28d",
  "90d",
  "12m",
  "week",
  "month",
  "last-month",
  "year",
  "all",
] as const;
export type Range = (typeof RANGES)[number];

export const RANGE_LABELS: Readonly<Record<Range, string>> = {
  today: "Today",
  yesterday: "Yesterday",
  "7d": "Last 7 days",
  "28d": "Last 28 days",
  "90d": "Last 90 days",
  "12m": "Last 12 months",
  week: "This week",
  month: "This month",
  "last-month": "Last month",
  year: "This year",
  all: "All time",
};

/** Days in the reader's zone: `from` is included, `to` is not. Without `to`, the period ends now. */
export type Days = { from: string; to?: string };

/**
 * The days of a range, as the stats API takes them.
 *
 * @param firstDay of the site's views, for `all`.
 */
export function daysOf(
  range: Range,
  { now, tz, firstDay }: { now: Date; tz: string; firstDay: string | undefined },
): Days {
  const today = dayIn(now, tz);
  switch (range) {
    case "today":
      return { from: today };
    case "yesterday":
      return { from: addDays(today, -1), to: today };
    case "7d":
      return { from: addDays(today, -6) };
    case "28d":
      return { from: addDays(today, -27) };
    case "90d":
      return { from: addDays(today, -89) };
    case "12m":
      return { from: addMonths(startOfMonth(today), -11) };
    case "week":
      return { from: startOfWeek(today) };
    case "month":
      return { from: startOfMonth(today) };
    case "last-month":
      return { from: addMonths(startOfMonth(today), -1), to: startOfMonth(today) };
    case "year":
      return { from: startOfYear(today) };
    case "all":
      return { from: allSince(firstDay, today) };
  }
}

/** The stats API answers ten years at most. */
function allSince(firstDay: string | undefined, today: string): string {
  const earliest = addDays(addMonths(today, -120), 1);
  if (firstDay === undefined) return addDays(today, -27);
  return firstDay < earliest ? earliest : firstDay;
}
