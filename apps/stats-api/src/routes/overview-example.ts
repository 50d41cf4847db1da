import { ANNA_STATS, AS_OF, BELLA_STATS, THREE_DAYS } from "./example-data.ts";

/** The three days of the example data. */
export const OVERVIEW_PERIOD = THREE_DAYS;

const RESOLVED = { from: "2026-11-20T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z" };
const BEFORE = { from: "2026-11-17T00:00:00.000Z", to: "2026-11-20T00:00:00.000Z" };

const RANKED = [
  { ...ANNA_STATS, name: "Anna", category: "women" },
  { ...BELLA_STATS, name: "Bella", category: "women" },
];

const TOP = { data: { items: RANKED, isIncomplete: false, ...RESOLVED, asOf: AS_OF } };

const HALVES = (one: string | null, other: string | null) => [
  { value: one, views: 2, uniqueViews: 2, share: 0.5 },
  { value: other, views: 2, uniqueViews: 1, share: 0.5 },
];

const broken = (by: string, items: readonly object[]) => ({ by, items, totalViews: 4, isIncomplete: false });

/** The overview of {@link OVERVIEW_PERIOD}, compared with the three days before. */
export const OVERVIEW_EXAMPLE = {
  totals: {
    data: {
      ...RESOLVED,
      totalViews: 4,
      uniqueViews: 3,
      previous: { ...BEFORE, totalViews: 0, uniqueViews: 0 },
      asOf: AS_OF,
    },
  },
  timeseries: {
    data: {
      interval: "day",
      tz: "UTC",
      ...RESOLVED,
      items: [
        { start: "2026-11-20T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-22T00:00:00.000Z", views: 2, uniqueViews: 2 },
      ],
      previous: {
        ...BEFORE,
        items: ["2026-11-17", "2026-11-18", "2026-11-19"].map((day) => ({
          start: `${day}T00:00:00.000Z`,
          views: 0,
          uniqueViews: 0,
        })),
      },
      asOf: AS_OF,
    },
  },
  topByViews: TOP,
  topByViewers: TOP,
  trending: { data: { items: RANKED, asOf: AS_OF } },
  breakdowns: {
    data: {
      tz: "UTC",
      ...RESOLVED,
      items: [
        broken("country", HALVES("FR", "DE").toReversed()),
        broken("device", HALVES("desktop", "mobile")),
        broken("browser", HALVES("Chrome", "Safari")),
        broken("referrer", HALVES("www.example.org", null)),
        broken("utm_source", [{ value: null, views: 4, uniqueViews: 3, share: 1 }]),
      ],
      asOf: AS_OF,
    },
  },
  live: { data: { views: 2, viewers: 2, asOf: AS_OF } },
  asOf: AS_OF,
};
