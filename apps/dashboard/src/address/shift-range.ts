import type { Address } from "./address.ts";
import { addDays, addMonths, daysBetween, startOfMonth, startOfWeek } from "./days.ts";
import { daysOfWord, type SiteTime, todayOf } from "./period.ts";
import { RANGES, type Range } from "./ranges.ts";

type ChosenRange = Address["range"];

/** Both days are included. */
type WholeDays = { from: string; to: string };

/**
 * The period before (-1) or after (1) one, of the same length: whole months stay whole months. A period that has a word gets
 * it, so that going back and forth ends where it began. Undefined when there is none: after today, or of all time.
 */
export function shiftRange(
  { range, tz: askedTz }: Pick<Address, "range" | "tz">,
  by: -1 | 1,
  site: SiteTime,
): ChosenRange | undefined {
  if (range === "all") return undefined;
  const tz = askedTz ?? site.reportingTimeZone;
  const today = todayOf(site, tz);
  const { from, to } = wholeDays(range, site, tz, today);
  if (by === 1 && to >= today) return undefined;
  const months = monthsBetween(from, to);
  const shifted =
    months === undefined
      ? byDays(from, to, by, today)
      : { from: addMonths(from, by * months), to: addDays(addMonths(from, by * months + months), -1) };
  return wordFor(shifted, site, tz, today) ?? shifted;
}

/** Forward, other days than a whole week end today at the latest, and keep their number. */
function byDays(from: string, to: string, by: -1 | 1, today: string): WholeDays {
  const days = daysBetween(from, to) + 1;
  const isWeek = days === 7 && from === startOfWeek(from);
  const last = addDays(to, by * days);
  const end = last > today && !isWeek ? today : last;
  return { from: addDays(end, 1 - days), to: end };
}

/** First and last day of a range. Weeks, months and years that are not over end with their last day. */
function wholeDays(range: Exclude<ChosenRange, "all">, site: SiteTime, tz: string, today: string): WholeDays {
  if (typeof range !== "string") return range;
  const { from, to } = daysOfWord(range, site, tz);
  if (to !== undefined) return { from, to: addDays(to, -1) };
  if (range === "week") return { from, to: addDays(from, 6) };
  if (range === "month" || range === "12m") return { from, to: endOfMonth(today) };
  if (range === "year") return { from, to: `${today.slice(0, 4)}-12-31` };
  return { from, to: today };
}

function endOfMonth(day: string): string {
  return addDays(addMonths(startOfMonth(day), 1), -1);
}

/** How many whole months two days span; undefined when they do not. */
function monthsBetween(from: string, to: string): number | undefined {
  if (from !== startOfMonth(from) || to !== endOfMonth(to)) return undefined;
  const [fromYear = 0, fromMonth = 0] = from.split("-").map(Number);
  const [toYear = 0, toMonth = 0] = to.split("-").map(Number);
  return (toYear - fromYear) * 12 + toMonth - fromMonth + 1;
}

function wordFor(days: WholeDays, site: SiteTime, tz: string, today: string): Range | undefined {
  return RANGES.find((word) => {
    if (word === "all") return false;
    const { from, to } = wholeDays(word, site, tz, today);
    return from === days.from && to === days.to;
  });
}
