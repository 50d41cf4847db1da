import type { Comparison } from "../address/address.ts";
import { type AskedPeriod, comparedDays } from "../address/period.ts";
import { formatDay, formatDays } from "../format/dates.ts";

/** `1 – 28 Nov 2026, compared with the 28 days before`: what a page shows, in words. */
export function describePeriod(period: AskedPeriod, compare: Comparison): string {
  const shown = `${formatDays(period.firstDay, period.lastDay)}${period.isOpen ? ", until now" : ""}`;
  if (period.notShownSince !== undefined) {
    return `${shown}: ten years at most. Earlier views, since ${formatDay(period.notShownSince)}, are not shown`;
  }
  const before = comparedDays(period, compare);
  if (before === undefined) return shown;
  if (period.countedSince !== undefined) {
    return `${shown}. Nothing is compared: views are counted since ${formatDay(period.countedSince)}`;
  }
  const until = period.isOpen ? ", until the same time of day" : "";
  const days = formatDays(before.firstDay, before.lastDay);
  return `${shown}, compared with ${NAMES[compare](period.days)} (${days}${until})`;
}

const NAMES: Readonly<Record<Comparison, (days: number) => string>> = {
  none: () => "nothing",
  days: (days) => (days === 1 ? "the day before" : `the ${days} days before`),
  weekdays: (days) => {
    const weeks = Math.ceil(days / 7);
    const when = weeks === 1 ? "one week" : `${weeks} weeks`;
    return days === 1 ? `the same weekday ${when} earlier` : `the same weekdays ${when} earlier`;
  },
  year: () => "the same dates one year earlier",
};

export const COMPARISON_LABELS: Readonly<Record<Comparison, string>> = {
  none: "No comparison",
  days: "vs days before",
  weekdays: "vs same weekdays",
  year: "vs last year",
};
