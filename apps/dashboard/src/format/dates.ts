import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { dateFormat } from "./date-format.ts";

/** Undefined: the reader's. */
const locale = undefined;

/** `29 Nov 2026`, of a day written 2026-11-29. */
export function formatDay(day: string, { withYear = true } = {}): string {
  return dateFormat(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(withYear ? { year: "numeric" } : {}),
  }).format(new Date(`${day}T00:00:00Z`));
}

/** `1 – 28 Nov 2026`; both days are included. */
export function formatDays(firstDay: string, lastDay: string): string {
  const format = dateFormat(locale, { timeZone: "UTC", dateStyle: "medium" });
  return format.formatRange(new Date(`${firstDay}T00:00:00Z`), new Date(`${lastDay}T00:00:00Z`));
}

const BUCKET_STYLES: Readonly<Record<Interval, Intl.DateTimeFormatOptions>> = {
  // With the zone's name, because an hour comes twice on a day of 25 hours.
  hour: {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  },
  day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  week: { day: "numeric", month: "short", year: "numeric" },
  month: { month: "long", year: "numeric" },
};

/** The name of a bucket, such as `Sat, 28 Nov 2026`, in the time zone of the question. */
export function formatBucket(start: string, interval: Interval, tz: string): string {
  const name = dateFormat(locale, { timeZone: tz, ...BUCKET_STYLES[interval] }).format(new Date(start));
  return interval === "week" ? `Week of ${name}` : name;
}

/** Date and time in a time zone. */
export function formatInstant(instant: string, tz: string): string {
  return dateFormat(locale, { timeZone: tz, dateStyle: "medium", timeStyle: "short" }).format(
    new Date(instant),
  );
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** `3 minutes ago`. Its exact time belongs beside it. */
export function formatAgo(instant: string, now: Date): string {
  const seconds = Math.round((now.getTime() - new Date(instant).getTime()) / 1_000);
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? (["second", 1] as const);
  return relative.format(-Math.trunc(seconds / length), unit);
}

/** The time of day in a time zone. */
export function formatTime(instant: string, tz: string, { withSeconds = false } = {}): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: tz,
    timeStyle: withSeconds ? "medium" : "short",
  }).format(new Date(instant));
}
