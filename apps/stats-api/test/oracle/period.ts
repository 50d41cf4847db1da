import { DAY_MS, instantOf, localAt } from "./clock.ts";

/** A period as in the parameters: ends are instants, or days like `2026-11-22`. */
export type AskedPeriod = { from?: string | undefined; to?: string | undefined; tz: string };

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
