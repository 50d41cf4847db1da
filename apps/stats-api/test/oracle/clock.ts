/** Clocks and calendars of time zones by the data of the JavaScript engine, to compare with PostgreSQL's. Times are in ms. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Clocks change only at whole quarters of an hour, in all years of these tests. */
export const QUARTER_MS = HOUR_MS / 4;

const clocks = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function clockOf(tz: string): Intl.DateTimeFormat {
  const cached = clocks.get(tz);
  if (cached !== undefined) return cached;
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: tz,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  clocks.set(tz, clock);
  return clock;
}

/** How much the zone's clock is ahead of UTC at an instant. */
function offsetAt(instant: number, tz: string): number {
  const quarter = Math.floor(instant / QUARTER_MS) * QUARTER_MS;
  const key = `${tz} ${quarter}`;
  const cached = offsets.get(key);
  if (cached !== undefined) return cached;
  const parts = Object.fromEntries(
    clockOf(tz)
      .formatToParts(new Date(quarter))
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter;
  offsets.set(key, offset);
  return offset;
}

/** The time that the zone's clock shows at an instant, as if it were UTC. */
export function localAt(instant: number, tz: string): number {
  return instant + offsetAt(instant, tz);
}

/** The first instant at which the zone's clock shows a time. For a time that the clock skips, as if it had not changed yet. */
export function instantOf(local: number, tz: string): number {
  const [before, after] = [offsetAt(local - DAY_MS, tz), offsetAt(local + DAY_MS, tz)];
  const found = [local - before, local - after].filter((instant) => localAt(instant, tz) === local);
  return found.length === 0 ? local - before : Math.min(...found);
}

/** The start of the UTC day, in days or months, that an instant is in. */
export function utcDay(instant: number): number {
  return Math.floor(instant / DAY_MS) * DAY_MS;
}

export function utcMonth(instant: number, monthsLater = 0): number {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater, 1);
}

export type Unit = "day" | "week" | "month";

/** The start, by the calendar, of the unit that a local time is in. */
export function calendarStart(local: number, unit: Unit): number {
  if (unit === "month") return utcMonth(local);
  const day = utcDay(local);
  // 1 January 1970 was a Thursday; weeks begin on Monday.
  return unit === "day" ? day : day - ((day / DAY_MS + 3) % 7) * DAY_MS;
}

export function calendarNext(start: number, unit: Unit): number {
  if (unit === "month") return utcMonth(start, 1);
  return start + (unit === "day" ? DAY_MS : 7 * DAY_MS);
}

export const iso = (instant: number): string => new Date(instant).toISOString();
