import { seededRandom } from "@model-views/lab/random.ts";
import { COUNTRIES, offsetHours } from "./countries.ts";
import { mixedSeed, picker } from "./pick.ts";
import { DAY_MS, type World } from "./world.ts";

/** Visits in each hour of a day, by the viewer's clock: little at night, most in the evening. */
const WEEKDAY_HOURS = [
  18, 10, 6, 4, 4, 7, 16, 30, 44, 56, 62, 64, 66, 62, 60, 62, 64, 66, 72, 84, 96, 94, 70, 38,
];
const WEEKEND_HOURS = [
  30, 19, 11, 6, 5, 5, 9, 17, 30, 46, 58, 64, 62, 60, 60, 62, 64, 68, 74, 80, 84, 82, 68, 44,
];
/** From Sunday: the people who book models work on weekdays. */
const WEEKDAYS = [0.82, 1.08, 1.12, 1.1, 1.1, 1.0, 0.78];

/** Visits at the end, as a share of those at the start. */
const GROWTH = 1.35;
/** A day is so much above or below what is usual, at most. */
const NOISE = 0.07;
const NOISE_STREAM = 1;

/** Weeks of fashion, and holidays: the day of the year that is in the middle, how many days it takes, and how much it changes. */
const SEASONS = [
  { middle: 50, days: 16, change: 0.22 },
  { middle: 225, days: 24, change: -0.14 },
  { middle: 264, days: 16, change: 0.28 },
  { middle: 360, days: 6, change: -0.3 },
];

/** How busy a day is; 1 on average. */
export function busyness(world: World, day: Date): number {
  const dayNumber = Math.round((day.getTime() - world.start.getTime()) / DAY_MS);
  const noise = seededRandom(mixedSeed(world.seed, NOISE_STREAM, dayNumber))();
  const middle = (1 + GROWTH) / 2;
  const growth = (1 + (GROWTH - 1) * Math.min(1, dayNumber / world.days)) / middle;
  return (WEEKDAYS[day.getUTCDay()] ?? 1) * season(day) * growth * (1 + (noise * 2 - 1) * NOISE);
}

function season(day: Date): number {
  const dayOfYear = (day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 1)) / DAY_MS;
  return SEASONS.reduce(
    (factor, { middle, days, change }) =>
      factor * (1 + change * Math.exp(-(((dayOfYear - middle) / days) ** 2))),
    1,
  );
}

const isWeekend = (day: Date) => day.getUTCDay() % 6 === 0;
const pickWeekdayHour = picker(WEEKDAY_HOURS);
const pickWeekendHour = picker(WEEKEND_HOURS);

/** Milliseconds after midnight (in UTC) of a visit by a viewer in that time zone. */
export function timeOfDay(day: Date, timeZone: string, random: () => number): number {
  const pickHour = isWeekend(day) ? pickWeekendHour : pickWeekdayHour;
  const hour = pickHour(random()) + random() - offsetHours(timeZone, day);
  return Math.floor((((hour % 24) + 24) % 24) * 3_600_000);
}

/** How busy this hour is compared with the day's average, over all countries. */
export function hourlyBusyness(at: Date): number {
  const day = new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
  const hours = isWeekend(day) ? WEEKEND_HOURS : WEEKDAY_HOURS;
  const average = hours.reduce((sum, hour) => sum + hour, 0) / hours.length;
  let [busy, people] = [0, 0];
  for (const { weight, timeZone } of COUNTRIES) {
    const hour =
      Math.floor(at.getUTCHours() + at.getUTCMinutes() / 60 + offsetHours(timeZone, day) + 24) % 24;
    busy += weight * (hours[hour] ?? 0);
    people += weight;
  }
  return busy / people / average;
}
