import type { ValueFilter } from "@model-views/db/audiences/grouping.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import fc from "fast-check";
import { iso, QUARTER_MS } from "./clock.ts";
import type { Asked } from "./question.ts";

/** When a story begins. */
export const START = Date.parse("2026-11-02T12:00:00Z");

export const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Asia/Kathmandu",
  "Atlantic/Azores",
  "Australia/Lord_Howe",
  "America/St_Johns",
] as const;
const REPORTING_ZONES = [
  ...ZONES,
  "America/New_York",
  "America/Havana",
  "Asia/Kolkata",
  "Pacific/Apia",
] as const;
const CATEGORIES = ["men", "women"] as const;

export const MODELS = 3;

/** Instants around which views and periods are chosen: a clock changes, or a day or month begins in a zone, or in UTC, by which retention goes. */
export const EVENTS = [
  "2026-10-25T01:00:00Z", // Berlin's clock goes back an hour
  "2026-10-24T22:00:00Z", // the day of that begins
  "2026-10-25T00:00:00Z", // it is midnight in the Azores for the first time, and an hour later again
  "2026-10-03T15:30:00Z", // Lord Howe's goes on by half an hour
  "2026-11-01T04:30:00Z", // St. John's goes back an hour
  "2026-11-01T02:30:00Z", // the day and month of that begin
  "2026-10-31T18:15:00Z", // Kathmandu's November
  "2026-11-01T04:00:00Z", // midnight in Havana, for the first of two times
  "2026-11-01T00:00:00Z",
  "2026-10-01T00:00:00Z",
  "2026-09-30T22:00:00Z", // Berlin's October
  "2026-09-07T00:00:00Z", // a Monday
].map((event) => Date.parse(event));

/** How many of them a story has. */
export const EVENTS_MAX = 3;

/** Near one of the events of a story, or anywhere. */
export type Moment = { event: number; quarters: number; ms: number } | { at: number };

/**
 * An instant of three months, mostly near an event of the story, by a quarter of an hour or a millisecond. A story has few
 * events, so that views and the ends of periods meet.
 */
const moment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      event: fc.nat(EVENTS_MAX - 1),
      quarters: fc.constantFrom(0, 0, 0, 1, -1, 2, -2, 4, -4, 96),
      ms: fc.constantFrom(0, 0, 0, -1, 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ at: fc.integer({ min: Date.parse("2026-08-20T00:00:00Z"), max: START }) }),
  },
);

export function instantOfMoment(moment: Moment, events: readonly number[]): number {
  if ("at" in moment) return moment.at;
  const event = events[moment.event % events.length] ?? START;
  return event + moment.quarters * QUARTER_MS + moment.ms;
}

/** The time of a view: an instant, or milliseconds before the present of the story. A sender's clock may be ahead. */
const when = fc.oneof(
  { weight: 5, arbitrary: fc.record({ moment }) },
  {
    weight: 2,
    arbitrary: fc.record({
      before: fc.constantFrom(-240_000, -240_000, 0, 1, 299_999, 300_000, 300_001, 3_600_000),
    }),
  },
);

const one = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 3 });

/** A view. Its traits follow from its number, so that two with the same time, model and number are the same view. */
export const view = fc.record({
  number: fc.nat(7),
  model: fc.nat(MODELS - 1),
  when,
});
export type ViewStep = typeof view extends fc.Arbitrary<infer View> ? View : never;

/** The fields of a view that questions may be about. */
type Trait = Exclude<
  keyof ViewEvent,
  "id" | "modelId" | "viewerIdentifier" | "viewedAt" | "viewedAtReplaced" | "ipAddress" | "userAgent"
>;

/** The traits that the views of a story have, by number. */
export const traits = fc.array(
  fc.record({
    viewer: fc.nat(3),
    isBot: fc.constantFrom(false, false, true),
    device: one("mobile", "desktop"),
    browser: one("firefox", "safari", "chrome"),
    os: one("ios", "linux"),
    country: one("DE", "NP"),
    referrerHost: one("example.org", "example.com"),
    utmSource: one("letter", "poster"),
    utmMedium: one("mail"),
    utmCampaign: one("spring", "autumn"),
  } satisfies Record<"viewer" | Trait, fc.Arbitrary<unknown>>),
  { minLength: 8, maxLength: 8 },
);

const end = fc.option(fc.record({ moment, isDay: fc.boolean() }), { nil: undefined, freq: 5 });
type End = { moment: Moment; isDay: boolean };

/** Whole months and days, of which it is stored who viewed: seldom by chance. */
const dayEnd = (day: string): End => ({ moment: { at: Date.parse(day) }, isDay: true });
const wholePeriods = (...of: [from: string, to: string][]): fc.Arbitrary<[End, End]> =>
  fc.constantFrom(...of.map(([from, to]): [End, End] => [dayEnd(from), dayEnd(to)]));
const wholePeriod = wholePeriods(
  ["2026-10-01", "2026-11-01"],
  ["2026-09-01", "2026-11-01"],
  ["2026-09-07", "2026-10-26"],
  ["2026-10-01", "2026-12-01"],
);

const ends: fc.Arbitrary<[End | undefined, End | undefined]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(end, end) },
  { weight: 1, arbitrary: wholePeriod },
);

const parameters = {
  ends,
  tz: fc.constantFrom("UTC", "UTC", ...REPORTING_ZONES),
  bots: fc.constantFrom("exclude", "exclude", "include", "only"),
  limit: fc.integer({ min: 1, max: 4 }),
  category: fc.constantFrom(...CATEGORIES),
  halfLifeDays: fc.constantFrom(0.001, 0.5, 7, 365),
  filters: fc.shuffledSubarray<ValueFilter>(
    [
      { dimension: "country", value: "DE" },
      { dimension: "device", value: "mobile" },
      { dimension: "referrer", value: "example.org" },
      { dimension: "os", value: null },
      { dimension: "utm_campaign", value: null },
    ],
    { maxLength: 3 },
  ),
} as const;
export const asked = fc.record(parameters);
/** By what is stored of months, where that is not open. */
export const askedOfMonths: typeof asked = fc.record({
  ...parameters,
  ends: wholePeriods(
    ["2026-10-01", "2026-11-01"],
    ["2026-09-01", "2026-11-01"],
    ["2026-10-01", "2026-12-01"],
  ),
  tz: fc.constant("UTC"),
  bots: fc.constant("exclude"),
});
export type AskedStep = typeof asked extends fc.Arbitrary<infer Of> ? Of : never;

/** The parameters, with the ends in order. */
export function parametersOf({ ends, ...rest }: AskedStep, events: readonly number[]): Asked {
  const [one, other] = ends.map((of) => of && endOf(of, events));
  const areInOrder = one === undefined || other === undefined || Date.parse(one) <= Date.parse(other);
  return { ...rest, from: areInOrder ? one : other, to: areInOrder ? other : one };
}

function endOf({ moment, isDay }: End, events: readonly number[]): string {
  const text = iso(instantOfMoment(moment, events));
  return isDay ? text.slice(0, 10) : text;
}

const model = fc.nat(MODELS - 1);
export const step = fc.record({
  action: fc.oneof(
    { weight: 8, arbitrary: fc.record({ record: fc.array(view, { minLength: 1, maxLength: 25 }) }) },
    { weight: 2, arbitrary: fc.record({ repeat: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ erase: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ keepDays: fc.constantFrom(1, 20, 40) }) },
    { weight: 1, arbitrary: fc.record({ deleteByApi: model }) },
    { weight: 1, arbitrary: fc.record({ deleteBySql: model }) },
    {
      weight: 2,
      arbitrary: fc.record({ put: model, category: fc.option(fc.constantFrom(...CATEGORIES)) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        timeZone: fc.constantFrom(...REPORTING_ZONES),
        viewsMax: fc.constantFrom(5, 30, 1_000),
        steps: fc.constantFrom(1, 2, 1_000),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ redrive: true as const }) },
    { weight: 2, arbitrary: fc.record({ waitHours: fc.constantFrom(0.1, 5, 24, 100) }) },
    { weight: 2, arbitrary: fc.record({ ask: asked, which: fc.nat(1_000) }) },
  ),
  /** Whether the hook for maintenance is called after it. */
  isFollowed: fc.boolean(),
});
export type Action = (typeof step extends fc.Arbitrary<infer Step> ? Step : never)["action"];
