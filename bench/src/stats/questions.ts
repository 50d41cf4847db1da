import { createHash } from "node:crypto";
import { dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import { z } from "zod";
import type { DataSet } from "./data-set.ts";

/** A question to the stats API, and as a query of the original design. */
export type Question = {
  name: string;
  /** Path and query of the stats API. */
  path: (set: DataSet) => string;
  /** It is about the last 24 hours: a data set whose views end before them cannot answer it. */
  isOfToday?: true;
  /** Milliseconds that the median may take. */
  targetMs: number;
  /** Limit of the ratio between the medians with ten million views and with a hundred thousand. */
  growthMax?: number;
  /** The original design's SQL and values; absent where its table lacks the columns. */
  original?: (set: DataSet) => { text: string; values: unknown[] };
  /** The numbers of both, which must be the same; absent where they depend on the current time. */
  compared?: Compared;
};

type Compared = { ofAnswer: (answer: unknown) => unknown; ofRows: (rows: Row[]) => unknown };
type Row = Record<string, string | number | null>;

const DAY_MS = 86_400_000;

/** The id of the model with that rank; 1 is the most viewed. */
function model(rank: number): string {
  const hex = createHash("md5").update(`model ${rank}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const HOTTEST = model(1);
const TWO_HUNDRED = Array.from({ length: 200 }, (_, index) => model(1 + index * 10));

const before = ({ end }: DataSet, days: number) => new Date(end.getTime() - days * DAY_MS);
const lastDays = (set: DataSet, days: number) =>
  `from=${before(set, days).toISOString()}&to=${set.end.toISOString()}`;
/** The first day of a series of so many days that ends today. */
const firstDay = (set: DataSet, points: number) =>
  before(set, points - 1)
    .toISOString()
    .slice(0, 10);
const points = (set: DataSet) => `interval=day&from=${firstDay(set, 90)}&to=${set.end.toISOString()}`;

const COUNTS = "count(*)::float8 as views, count(distinct viewer_identifier)::float8 as viewers";
const BY_MODEL = `select model_id, ${COUNTS} from original_views`;
const BY_DAY = `select (viewed_at at time zone 'utc')::date::text as day, ${COUNTS} from original_views`;

const stats = z.object({ modelId: z.string(), totalViews: z.number(), uniqueViews: z.number() });
const ofStats = (each: z.infer<typeof stats>) => [each.modelId, each.totalViews, each.uniqueViews];
const byModel: Compared = {
  ofAnswer: (answer) =>
    z
      .object({ items: z.array(stats) })
      .parse(answer)
      .items.map(ofStats),
  ofRows: (rows) => rows.map(({ model_id, views, viewers }) => [model_id, views, viewers]),
};
const bucket = z.object({ start: z.string(), views: z.number(), uniqueViews: z.number() });
const byDay: Compared = {
  ofAnswer: (answer) =>
    z
      .object({ items: z.array(bucket) })
      .parse(answer)
      .items.filter(({ views }) => views > 0)
      .map(({ start, views, uniqueViews }) => [start.slice(0, 10), views, uniqueViews]),
  ofRows: (rows) => rows.map(({ day, views, viewers }) => [day, views, viewers]),
};

/** The questions of a dashboard, with their targets at ten million views. */
export const QUESTIONS: readonly Question[] = [
  {
    name: "totals of the hottest model",
    path: () => `/v1/models/${HOTTEST}/stats`,
    targetMs: 5,
    growthMax: 2,
    original: () => ({ text: `${BY_MODEL} where model_id = $1 group by 1`, values: [HOTTEST] }),
    compared: { ...byModel, ofAnswer: (answer) => [ofStats(stats.parse(answer))] },
  },
  {
    name: "top ten",
    path: () => "/v1/models/top",
    targetMs: 10,
    growthMax: 2,
    original: () => ({ text: `${BY_MODEL} group by 1 order by 2 desc, 1 limit 10`, values: [] }),
    compared: byModel,
  },
  {
    name: "top ten, trending",
    path: () => "/v1/models/top?sort=trending",
    targetMs: 10,
    growthMax: 2,
    original: () => ({
      text: `${BY_MODEL} group by 1 having max(viewed_at) > now() - interval '30 days'
        order by count(*) / (1 + extract(epoch from now() - max(viewed_at)) / 86400) desc, 1 limit 10`,
      values: [],
    }),
  },
  {
    name: "top ten, hot",
    path: () => "/v1/models/top?sort=hot&halfLife=7d",
    targetMs: 10,
    growthMax: 2,
  },
  {
    name: "top ten, rising",
    path: () => "/v1/models/top?sort=rising",
    isOfToday: true,
    targetMs: 100,
  },
  {
    name: "top ten of 30 days",
    path: (set) => `/v1/models/top?${lastDays(set, 30)}`,
    targetMs: 100,
    original: (set) => ({
      text: `${BY_MODEL} where viewed_at >= $1 and viewed_at < $2 group by 1 order by 2 desc, 1 limit 10`,
      values: [before(set, 30), set.end],
    }),
    compared: byModel,
  },
  {
    name: "top ten of 30 days by viewers",
    path: (set) => `/v1/models/top?sort=unique&${lastDays(set, 30)}`,
    targetMs: 200,
    original: (set) => ({
      text: `${BY_MODEL} where viewed_at >= $1 and viewed_at < $2 group by 1 order by 3 desc, 1 limit 10`,
      values: [before(set, 30), set.end],
    }),
    compared: byModel,
  },
  {
    name: "90 days of the hottest model",
    path: (set) => `/v1/models/${HOTTEST}/timeseries?${points(set)}`,
    targetMs: 20,
    original: (set) => ({
      text: `${BY_DAY} where model_id = $1 and viewed_at >= $2 and viewed_at < $3 group by 1 order by 1`,
      values: [HOTTEST, firstDay(set, 90), set.end],
    }),
    compared: byDay,
  },
  {
    name: "90 days of the site",
    path: (set) => `/v1/timeseries?${points(set)}`,
    targetMs: 60,
    original: (set) => ({
      text: `${BY_DAY} where viewed_at >= $1 and viewed_at < $2 group by 1 order by 1`,
      values: [firstDay(set, 90), set.end],
    }),
    compared: byDay,
  },
  {
    name: "countries of the hottest model, 30 days",
    path: (set) => `/v1/breakdown?by=country&modelId=${HOTTEST}&${lastDays(set, 30)}`,
    targetMs: 100,
  },
  {
    name: "site by month, a year",
    path: (set) => `/v1/timeseries?interval=month&${lastDays(set, 365)}`,
    targetMs: 100,
  },
  {
    name: "site by month in Berlin, a year",
    path: (set) => `/v1/timeseries?interval=month&tz=Europe/Berlin&${lastDays(set, 365)}`,
    targetMs: 100,
  },
  {
    name: "countries of the site, 30 days",
    path: (set) => `/v1/breakdown?by=country&${lastDays(set, 30)}`,
    targetMs: 50,
  },
  {
    name: "referrers of the site, 30 days",
    path: (set) => `/v1/breakdown?by=referrer&${lastDays(set, 30)}`,
    targetMs: 50,
  },
  {
    name: "countries of the site, a year",
    path: (set) => `/v1/breakdown?by=country&${lastDays(set, 365)}`,
    targetMs: 150,
  },
  {
    name: "referrers of the site, a year",
    path: (set) => `/v1/breakdown?by=referrer&${lastDays(set, 365)}`,
    targetMs: 150,
  },
  {
    name: "eight breakdowns of the site at once, 30 days",
    path: (set) => `/v1/breakdowns?by=${dimensionSchema.options.join(",")}&${lastDays(set, 30)}`,
    targetMs: 200,
  },
  {
    name: "site by day from one country, 90 days",
    path: (set) => `/v1/timeseries?country=DE&${lastDays(set, 90)}`,
    targetMs: 60,
  },
  {
    name: "site by day from one country with one device, 90 days",
    path: (set) => `/v1/timeseries?country=DE&device=mobile&${lastDays(set, 90)}`,
    targetMs: 1_000,
  },
  {
    name: "one country by itself, a year",
    path: (set) => `/v1/breakdown?by=country&country=DE&${lastDays(set, 365)}`,
    targetMs: 60,
  },
  {
    name: "new and returning viewers of the site, 90 days",
    path: (set) => `/v1/viewers?${points(set)}`,
    targetMs: 150,
  },
  {
    name: "overlap of five models, a year",
    path: (set) => `/v1/audience?models=${TWO_HUNDRED.slice(0, 5).join(",")}&${lastDays(set, 365)}`,
    targetMs: 100,
  },
  {
    name: "overview, 30 days and the 30 before",
    path: (set) => `/v1/overview?compare=previous&${lastDays(set, 30)}`,
    targetMs: 250,
  },
  {
    name: "countries of the hottest model, a year",
    path: (set) => `/v1/breakdown?by=country&modelId=${HOTTEST}&${lastDays(set, 365)}`,
    targetMs: 60,
  },
  {
    name: "top ten of a year by viewers",
    path: (set) => `/v1/models/top?sort=unique&${lastDays(set, 365)}`,
    targetMs: 100,
    original: (set) => ({
      text: `${BY_MODEL} where viewed_at >= $1 and viewed_at < $2 group by 1 order by 3 desc, 1 limit 10`,
      values: [before(set, 365), set.end],
    }),
    compared: byModel,
  },
  {
    name: "200 models at once",
    path: () => `/v1/models/stats?ids=${TWO_HUNDRED.join(",")}`,
    targetMs: 20,
    original: () => ({
      text: `${BY_MODEL} where model_id = any($1) group by 1 order by array_position($1, model_id)`,
      values: [TWO_HUNDRED],
    }),
    compared: { ...byModel, ofAnswer: viewedOnly },
  },
];

/** The original design's query returns no row for a model without views. */
function viewedOnly(answer: unknown): unknown {
  const { items } = z.object({ items: z.array(stats) }).parse(answer);
  return items.filter(({ totalViews }) => totalViews > 0).map(ofStats);
}
