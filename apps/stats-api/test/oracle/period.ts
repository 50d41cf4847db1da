import { DAY_MS, instantOf, localAt } from "./clock.ts";

/** A period as in the parameters: ends are instants, or days like `2026-11-22`. */
export type AskedPeriod = { from?: string | undefined; to?: string | undefined; tz: string };

/** How a period is compared, besides with the one just before. */
export type Shift = "days" | "weekdays" | "year";

export type OraclePeriod = { from: number; to: number; previousFrom: number };

const DAYS_BEFORE = 30;

export function instantOfEnd(end: string, tz: string): number {
  return end.includes("T") ? Date.parse(end) : instantOf(Date.parse(end), tz);
}

export function periodOf({ from, to, tz }: AskedPeriod, now: number): OraclePeriod {
  const end = to === undefined ? now : instantOfEnd(to, tz);
  const start =
    from === undefined ? instantOf(localAt(end, tz) - DAYS_BEFORE * DAY_MS, tz) : instantOfEnd(from, tz);
  const lengthByClock = localAt(end, tz) - localAt(start, tz);
  const previousFrom =
    lengthByClock < DAY_MS ? start - (end - start) : instantOf(localAt(start, tz) - lengthByClock, tz);
  return { from: start, to: end, previousFrom };
}

/** The earlier period: both ends moved back by the same calendar days, or by a year. */
export function shiftedBack(
  { from, to }: OraclePeriod,
  shift: Shift,
  tz: string,
): { from: number; to: number } {
  const [start, end] = [localAt(from, tz), localAt(to, tz)];
  const touched = Math.floor((end - 1) / DAY_MS) - Math.floor(start / DAY_MS) + 1;
  const days = shift === "weekdays" ? Math.ceil(touched / 7) * 7 : touched;
  if (shift === "year") {
    // The last day is moved, and ends where it ends there.
    const before = end % DAY_MS === 0 ? aYearBefore(end - DAY_MS) + DAY_MS : aYearBefore(end);
    return { from: instantOf(aYearBefore(start), tz), to: instantOf(before, tz) };
  }
  return { from: instantOf(start - days * DAY_MS, tz), to: instantOf(end - days * DAY_MS, tz) };
}

/** 29 February becomes the 28th. */
function aYearBefore(local: number): number {
  const date = new Date(local);
  const isLeapDay = date.getUTCMonth() === 1 && date.getUTCDate() === 29;
  date.setUTCFullYear(date.getUTCFullYear() - 1, date.getUTCMonth(), isLeapDay ? 28 : date.getUTCDate());
  return date.getTime();
}
