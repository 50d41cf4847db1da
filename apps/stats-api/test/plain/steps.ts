import fc from "fast-check";
import { DAY_MS, HOUR_MS, iso, QUARTER_MS } from "./clock.ts";
import type { Asked } from "./questions.ts";

/** When a story begins. */
export const START = Date.parse("2026-11-02T12:00:00Z");

export const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/St_Johns",
] as const;
const CATEGORIES = ["men", "women"] as const;

export const MODELS = 3;

/** What lies nearby: the clock is changed in a zone, a month or a day begins in one, or in UTC, where retention cuts. */
const EVENTS = [
  "2026-10-25T01:00:00Z", // Berlin's clock goes back an hour
  "2026-10-24T22:00:00Z", // the day of that begins
  "2026-10-03T15:30:00Z", // Lord Howe's goes on by half an hour
  "2026-11-01T04:30:00Z", // St. John's goes back an hour
  "2026-11-01T02:30:00Z", // the day and month of that begin
  "2026-10-31T18:15:00Z", // Kathmandu's November
  "2026-11-01T00:00:00Z",
  "2026-10-01T00:00:00Z",
  "2026-09-30T22:00:00Z", // Berlin's October
  "2026-09-07T00:00:00Z", // a Monday
].map((event) => Date.parse(event));

/** An instant of three months, mostly where something may go wrong by a quarter of an hour or by a millisecond. */
const instant = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...EVENTS),
        fc.integer({ min: -8, max: 8 }),
        fc.constantFrom(0, 0, -1, 1, 123_456),
      )
      .map(([event, quarters, ms]) => event + quarters * QUARTER_MS + ms),
  },
  { weight: 1, arbitrary: fc.integer({ min: Date.parse("2026-08-20T00:00:00Z"), max: START }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...EVENTS), fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 23 }))
      .map(([event, days, hours]) => event + days * DAY_MS + hours * HOUR_MS),
  },
);

/** When a view is: an instant, or so many milliseconds before the present of the story; a sender's clock may be ahead. */
const when = fc.oneof(
  { weight: 5, arbitrary: fc.record({ at: instant }) },
  {
    weight: 1,
    arbitrary: fc.record({ before: fc.constantFrom(-240_000, 0, 1, 299_999, 300_000, 300_001, 3_600_000) }),
  },
);

const one = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 3 });

/** A view; what it has follows from its number, so that two with the same time, model and number are the same view. */
const view = fc.record({
  number: fc.nat(7),
  model: fc.nat(MODELS - 1),
  when,
});
export type ViewStep = typeof view extends fc.Arbitrary<infer View> ? View : never;

/** The traits that the views of a story have, by number. */
const traits = fc.array(
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
  }),
  { minLength: 8, maxLength: 8 },
);

const end = fc.option(
  fc.oneof(
    { weight: 2, arbitrary: instant.map(iso) },
    { weight: 2, arbitrary: instant.map((ms) => iso(ms).slice(0, 10)) },
  ),
  { nil: undefined, freq: 5 },
);

const asked: fc.Arbitrary<Asked> = fc
  .record({
    ends: fc.tuple(end, end),
    tz: fc.constantFrom(...ZONES),
    bots: fc.constantFrom("exclude", "exclude", "include", "only"),
    limit: fc.integer({ min: 1, max: 4 }),
    category: fc.constantFrom(...CATEGORIES),
    halfLifeDays: fc.constantFrom(0.001, 0.5, 7, 365),
  })
  .map(({ ends: [one, other], ...rest }) => {
    const [from, to] =
      one !== undefined && other !== undefined && Date.parse(one) > Date.parse(other)
        ? [other, one]
        : [one, other];
    return { from, to, ...rest };
  });

const model = fc.nat(MODELS - 1);
const step = fc.record({
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
    { weight: 1, arbitrary: fc.constant({ takeBack: true as const }) },
    { weight: 2, arbitrary: fc.record({ waitHours: fc.constantFrom(0.1, 5, 24, 100) }) },
    { weight: 2, arbitrary: fc.record({ ask: asked, which: fc.nat(1_000) }) },
  ),
  /** Whether the hook for housekeeping is called after it. */
  isFollowed: fc.boolean(),
});
export type Action = (typeof step extends fc.Arbitrary<infer Step> ? Step : never)["action"];

/** Every run asks one of so many questions at its end: more runs tell more than more questions. */
export const QUESTION_PARTS = 3;

/** What happens in a run, and what is asked at its end. */
export const story = fc.record({
  traits,
  part: fc.nat(QUESTION_PARTS - 1),
  steps: fc.array(step, { minLength: 1, maxLength: 14, size: "max" }),
  asked,
});
export type Story = typeof story extends fc.Arbitrary<infer Of> ? Of : never;
