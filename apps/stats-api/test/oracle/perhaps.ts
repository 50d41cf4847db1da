import { DAY_MS, utcMonth } from "./clock.ts";
import type { Span } from "./views.ts";

/**
 * A figure of which retention has removed the views. It may be known all the same, because it was counted before: then it
 * must be this, else null.
 */
export class PerhapsUnknown {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Viewers = number | null | PerhapsUnknown;

/** Is this just one day, week or month in UTC, of which viewers may have been counted before they were removed? */
export function isSealable({ from, to }: Span): boolean {
  if (from % DAY_MS !== 0) return false;
  const isWeek = to - from === 7 * DAY_MS && new Date(from).getUTCDay() === 1;
  return to - from === DAY_MS || isWeek || (utcMonth(from) === from && utcMonth(from, 1) === to);
}

/** What is expected, where it may be unknown, made to what is found, as long as that is right. */
export function settle(expected: unknown, found: unknown): unknown {
  if (expected instanceof PerhapsUnknown) return found === null ? null : expected.value;
  if (Array.isArray(expected)) {
    return expected.map((each, index) => settle(each, Array.isArray(found) ? found[index] : undefined));
  }
  if (expected === null || typeof expected !== "object") return expected;
  const of: Record<string, unknown> = { ...(found as object | null) };
  return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, settle(value, of[name])]));
}
