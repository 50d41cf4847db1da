import {
  ANNA_OF_TWO_DAYS,
  ANNA_STATS,
  AS_OF,
  BELLA,
  BELLA_STATS,
  CARLA,
  csv,
  invalid,
  THREE_DAYS,
  TWO_DAYS,
  TWO_DAYS_RESOLVED,
} from "./example-data.ts";

const createdAt = "2026-01-10T08:00:00.000Z";
const anna = { name: "Anna", category: "women", createdAt };
const bella = { name: "Bella", category: "women", createdAt };
const carla = { name: "Carla", category: null, createdAt };
const nothing = { totalViews: 0, uniqueViews: 0 };
const noViews = { ...nothing, lastViewedAt: null };

/** The examples of `GET /v1/models/table`. */
export const MODELS_TABLE_EXAMPLES = {
  compared: {
    summary: "Three days with a sparkline, compared with those before",
    query: { ...THREE_DAYS, compare: "previous", series: "day" },
    status: 200,
    answer: {
      items: [
        { ...ANNA_STATS, ...anna, previous: nothing, series: [1, 1, 1] },
        { ...BELLA_STATS, ...bella, previous: nothing, series: [0, 0, 1] },
        { modelId: CARLA, ...noViews, ...carla, previous: nothing, series: [0, 0, 0] },
      ],
      buckets: ["2026-11-20T00:00:00.000Z", "2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z"],
      from: "2026-11-20T00:00:00.000Z",
      to: "2026-11-23T00:00:00.000Z",
      previous: { from: "2026-11-17T00:00:00.000Z", to: "2026-11-20T00:00:00.000Z" },
      isIncomplete: false,
      asOf: AS_OF,
    },
  },
  allTime: {
    summary: "A category, of all time",
    query: { category: "women" },
    status: 200,
    answer: {
      items: [
        { ...ANNA_STATS, ...anna },
        { ...BELLA_STATS, ...bella },
      ],
      isIncomplete: false,
      asOf: AS_OF,
    },
  },
  ofOneCountry: {
    summary: "Views from Germany in two days",
    query: { ...TWO_DAYS, country: "DE", category: "women" },
    status: 200,
    answer: {
      items: [
        { ...ANNA_OF_TWO_DAYS, ...anna },
        { modelId: BELLA, ...noViews, ...bella },
      ],
      isIncomplete: false,
      ...TWO_DAYS_RESOLVED,
    },
  },
  asCsv: {
    summary: "As CSV",
    query: { ...TWO_DAYS, series: "day", compare: "previous", category: "women", format: "csv" },
    status: 200,
    answer: csv(
      "modelId,name,category,createdAt,totalViews,uniqueViews,lastViewedAt,previousTotalViews,previousUniqueViews,2026-11-19T23:00:00.000Z,2026-11-20T23:00:00.000Z",
      `${ANNA_STATS.modelId},Anna,women,${createdAt},2,1,2026-11-21T18:30:00.000Z,0,0,1,1`,
      `${BELLA},Bella,women,${createdAt},0,0,,0,0,0,0`,
    ),
  },
  seriesOfAllTime: {
    summary: "A sparkline of all time",
    query: { series: "month" },
    status: 422,
    answer: invalid("series", "needs from or to"),
  },
  tooManyBuckets: {
    summary: "Too many buckets",
    query: { from: "2026-01-01", to: "2026-11-01", series: "day" },
    status: 422,
    answer: invalid("series", "makes more than 60 buckets of this period"),
  },
} as const;
