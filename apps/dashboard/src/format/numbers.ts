/** Undefined: the reader's. */
const locale = undefined;

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(locale, {
  style: "percent",
  maximumFractionDigits: 0,
  signDisplay: "exceptZero",
});

/** What stands in place of a number that is not known. */
export const UNKNOWN = "–";

export function formatCount(count: number | null | undefined): string {
  return count == null ? UNKNOWN : whole.format(count);
}

/** For axes and narrow places: 1.2K. */
export function formatShort(count: number | null | undefined): string {
  return count == null ? UNKNOWN : short.format(count);
}

/** @param share 0 to 1. */
export function formatShare(share: number): string {
  return percent.format(share);
}

/** Below this many, a percentage says less than the two numbers. */
const PERCENT_FROM = 10;

export type Change = { direction: "up" | "down" | "same"; text: string };

/** How a number differs from the one before: `+12%`, or `from 3 to 7` for small ones. Undefined when one is not known. */
export function changeOf(
  now: number | null | undefined,
  before: number | null | undefined,
): Change | undefined {
  if (now == null || before == null) return undefined;
  const isSmall = before < PERCENT_FROM;
  const rounded = Math.round((now / before - 1) * 100);
  const isSame = isSmall ? now === before : rounded === 0;
  const direction = isSame ? "same" : now > before ? "up" : "down";
  if (!isSmall) return { direction, text: signed.format(rounded / 100) };
  const text = isSame ? "unchanged" : `from ${whole.format(before)} to ${whole.format(now)}`;
  return { direction, text };
}
