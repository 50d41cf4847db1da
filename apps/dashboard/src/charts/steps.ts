import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { dateFormat } from "../format/date-format.ts";
import { formatBucket } from "../format/dates.ts";

const SHORT: Readonly<Record<Interval, Intl.DateTimeFormatOptions>> = {
  hour: { hour: "numeric", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  week: { day: "numeric", month: "short" },
  month: { month: "short", year: "2-digit" },
};

export type Step = { readonly name: string; readonly short: string };

/** The names of buckets, and short ones for an axis. Each is written when it is read, because few of thousands are. */
export function stepsOf({
  items,
  interval,
  tz,
}: {
  items: readonly { start: string }[];
  interval: Interval;
  tz: string;
}): Step[] {
  const short = dateFormat(undefined, { timeZone: tz, ...SHORT[interval] });
  return items.map(({ start }) => ({
    get name() {
      return formatBucket(start, interval, tz);
    },
    get short() {
      return short.format(new Date(start));
    },
  }));
}
