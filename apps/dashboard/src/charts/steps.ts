import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { formatBucket } from "../format/dates.ts";

const SHORT: Readonly<Record<Interval, Intl.DateTimeFormatOptions>> = {
  hour: { hour: "numeric", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  week: { day: "numeric", month: "short" },
  month: { month: "short", year: "2-digit" },
};

/** The names of buckets, and short ones for an axis. */
export function stepsOf({
  items,
  interval,
  tz,
}: {
  items: readonly { start: string }[];
  interval: Interval;
  tz: string;
}): { name: string; short: string }[] {
  const short = new Intl.DateTimeFormat(undefined, { timeZone: tz, ...SHORT[interval] });
  return items.map(({ start }) => ({
    name: formatBucket(start, interval, tz),
    short: short.format(new Date(start)),
  }));
}
