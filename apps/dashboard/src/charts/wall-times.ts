import { dateFormat } from "../format/date-format.ts";

const DAY_MS = 86_400_000;
/** No zone puts its clocks back and forward again within it: a Ramadan, the shortest reason to, is longer. */
const STEADY_MS = 28 * DAY_MS;

/**
 * What clocks in a zone show at instants: milliseconds as though the zone were UTC, so that `getUTCHours` is the hour there.
 * Asks for the zone's offset only where clocks may have changed, because asking takes microseconds.
 *
 * @param starts instants in their order.
 */
export function wallTimes(starts: readonly string[], tz: string): number[] {
  const instants = starts.map((start) => Date.parse(start));
  const walls = [...instants];
  const last = instants.length - 1;
  // Swedish writes `2026-11-28 14:05:00`.
  const format = dateFormat("sv-SE", { timeZone: tz, dateStyle: "short", timeStyle: "medium" });
  const offsets = new Map<number, number>();
  const offsetAt = (place: number): number => {
    const known = offsets.get(place) ?? offsetOf(instants[place] ?? 0, format);
    offsets.set(place, known);
    return known;
  };
  const shift = (place: number, offset: number) => {
    walls[place] = (instants[place] ?? 0) + offset;
  };
  const pieces: [from: number, to: number][] = last < 0 ? [] : [[0, last]];
  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    const [from, to] = piece;
    const isShort = (instants[to] ?? 0) - (instants[from] ?? 0) <= STEADY_MS;
    if (isShort && offsetAt(from) === offsetAt(to)) {
      for (let place = from; place <= to; place += 1) shift(place, offsetAt(from));
    } else if (to - from <= 1) {
      for (const place of [from, to]) shift(place, offsetAt(place));
    } else {
      const middle = (from + to) >> 1;
      pieces.push([from, middle], [middle, to]);
    }
  }
  return walls;
}

function offsetOf(instant: number, format: Intl.DateTimeFormat): number {
  const text = format.format(instant);
  return Date.parse(`${text.replace(" ", "T")}Z`) - Math.floor(instant / 1_000) * 1_000;
}
