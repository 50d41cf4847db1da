import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { dateFormat } from "../format/date-format.ts";
import { wallTimes } from "./wall-times.ts";

/** A place on the axis that has a name. */
export type Tick = { index: number; text: string };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Pixels between two names at least. */
const TICK_WIDTH = 64;

const numberOfDay = (wall: Date) => Math.floor(wall.getTime() / DAY_MS);
const numberOfMonth = (wall: Date) => wall.getUTCFullYear() * 12 + wall.getUTCMonth();

/** The hours, days, weeks (1 January 1970 was a Thursday), months and years of clocks are numbered; names stand at every so many of them. */
const UNITS = {
  hour: { numberOf: (wall: Date) => Math.floor(wall.getTime() / HOUR_MS), every: [1, 2, 3, 6, 12] },
  day: { numberOf: numberOfDay, every: [1, 2] },
  week: { numberOf: (wall: Date) => Math.floor((numberOfDay(wall) + 3) / 7), every: [1, 2] },
  month: { numberOf: numberOfMonth, every: [1, 2, 3, 6] },
  year: { numberOf: (wall: Date) => wall.getUTCFullYear(), every: [1, 2, 5, 10, 20, 50] },
} as const;
type Unit = keyof typeof UNITS;
const ORDER = ["hour", "day", "week", "month", "year"] as const satisfies Unit[];

export type TickOptions = {
  items: readonly { start: string }[];
  interval: Interval;
  tz: string;
  /** Pixels of the axis. */
  width: number;
  /** Undefined: the reader's. */
  locale?: string | undefined;
};

/**
 * The buckets that an axis names: those at which a round hour, a day, a week, a month or a year begins on the clocks of the zone,
 * as many as there is room for. On days of 23 or 25 hours too, names stay at the same times of day.
 */
export function timeTicks({ items, interval, tz, width, locale }: TickOptions): Tick[] {
  const walls = wallTimes(
    items.map(({ start }) => start),
    tz,
  ).map((wall) => new Date(wall));
  const stepWidth = width / Math.max(items.length - 1, 1);
  for (const unit of ORDER.slice(ORDER.indexOf(interval))) {
    for (const every of UNITS[unit].every) {
      const places = placesAt(walls, { unit, every, gap: TICK_WIDTH / stepWidth });
      if (places === undefined) continue;
      return places.map((index, place) => ({
        index,
        text: nameOf(walls[index] ?? new Date(0), { unit, interval, isFirst: place === 0, locale }),
      }));
    }
  }
  return [];
}

/** Undefined when two of them would be nearer to each other than a number of buckets. */
function placesAt(
  walls: readonly Date[],
  { unit, every, gap }: { unit: Unit; every: number; gap: number },
): number[] | undefined {
  const groupOf = (wall: Date) => Math.floor(UNITS[unit].numberOf(wall) / every);
  const places: number[] = [];
  let before: number | undefined;
  for (const [index, wall] of walls.entries()) {
    // The first one begins a group when a moment earlier is in another.
    before ??= groupOf(new Date(wall.getTime() - 1));
    const group = groupOf(wall);
    // An hour that comes again has its name once.
    if (group > before) {
      if (index - (places.at(-1) ?? Number.NEGATIVE_INFINITY) < gap) return undefined;
      places.push(index);
    }
    before = Math.max(group, before);
  }
  return places;
}

function nameOf(
  wall: Date,
  {
    unit,
    interval,
    isFirst,
    locale,
  }: { unit: Unit; interval: Interval; isFirst: boolean; locale: string | undefined },
): string {
  const write = (options: Intl.DateTimeFormatOptions) =>
    dateFormat(locale, { timeZone: "UTC", ...options }).format(wall);
  const isMidnight = wall.getUTCHours() === 0;
  if (unit === "hour" && !isMidnight) return write({ hour: "numeric", minute: "2-digit" });
  if (unit === "year") return write({ year: "numeric" });
  if (unit !== "month") return write({ day: "numeric", month: "short" });
  // Weeks begin on some day of a month.
  if (interval === "week" && !isFirst) return write({ day: "numeric", month: "short" });
  return isFirst || wall.getUTCMonth() === 0
    ? write({ month: "short", year: "numeric" })
    : write({ month: "short" });
}
