/** Fewer views than this before count as this many, so that "from 1 to 4" is no greater rise than "from 100 to 300". */
const SMALLEST_BEFORE = 10;

/** By what a change is ranked: as a share of the number before. Null when one is not known. */
export function changeRank(now: number | null | undefined, before: number | null | undefined): number | null {
  if (now == null || before == null) return null;
  return (now - before) / Math.max(before, SMALLEST_BEFORE);
}

/** Buckets from which a direction can be seen. */
export const TREND_BUCKETS_MIN = 3;

/**
 * How many views more come with each bucket: the slope of the line that fits best (least squares). Null when a bucket is not
 * known, or when there are too few.
 *
 * @param isOpen whether the last bucket still grows: it is left out.
 */
export function slopeOf(series: readonly (number | null)[] | undefined, isOpen: boolean): number | null {
  const whole = isOpen ? series?.slice(0, -1) : series;
  if (whole === undefined || whole.length < TREND_BUCKETS_MIN) return null;
  const middle = (whole.length - 1) / 2;
  let covariance = 0;
  let variance = 0;
  for (const [index, views] of whole.entries()) {
    if (views === null) return null;
    covariance += (index - middle) * views;
    variance += (index - middle) ** 2;
  }
  return covariance / variance;
}

/** Days and weeks from which on the next longer bucket is asked for: an answer has 60 buckets at most, and parts of two at its ends. */
const DAYS_BY_DAY = 60;
const DAYS_BY_WEEK = 58 * 7;
const DAYS_BY_MONTH = 58 * 28;

/** The buckets of the small charts of a period; undefined where it is too short or too long for them. */
export function bucketsOf(days: number): "day" | "week" | "month" | undefined {
  if (days < TREND_BUCKETS_MIN || days > DAYS_BY_MONTH) return undefined;
  if (days <= DAYS_BY_DAY) return "day";
  return days <= DAYS_BY_WEEK ? "week" : "month";
}
