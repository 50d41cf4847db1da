import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { timeseries } from "@model-views/db/stats/timeseries.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import {
  BUCKETS_MAX,
  bucketSchema,
  intervalSchema,
  type TimeseriesAnswer,
  timeseriesAnswerSchema,
} from "@model-views/shared/contracts/timeseries.ts";
import type { Request, Response } from "express";
import { z } from "zod";
import { formatShape, sendCsv, sendList, wantsCsv } from "../http/csv.ts";
import { filterShape, filtersOf } from "../http/filters.ts";
import { checkModel } from "../http/in-period.ts";
import { modelParams } from "../http/parameters.ts";
import { checkBuckets, compareShape, DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  AS_OF,
  csv,
  invalid,
  THREE_DAYS,
  THREE_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

const COLUMNS = ["start", "views", "uniqueViews"] as const;

export const timeseriesQuery = z.strictObject({
  ...periodShape,
  ...compareShape,
  ...filterShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  interval: intervalSchema.default("day"),
});

const description = `Every bucket of the period, also an empty one; ${BUCKETS_MAX} at most. Of the last ${DAYS_BEFORE} days by default. In CSV the buckets of the earlier period come first.`;

const answers = {
  200: {
    description: "Buckets by time",
    json: { Timeseries: timeseriesAnswerSchema },
    nested: { Bucket: bucketSchema },
    csv: true,
    headers: ["ETag", "Age"],
  },
} as const;

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof timeseriesQuery> & { modelId?: string };

export const modelTimeseriesRoute = defineRoute({
  id: "getModelTimeseries",
  method: "get",
  path: "/v1/models/:modelId/timeseries",
  summary: "Views and viewers of a model over time",
  description,
  access: "read",
  params: modelParams,
  query: timeseriesQuery,
  answers,
  problems: [404],
  examples: {
    days: {
      summary: "Three days",
      params: { modelId: ANNA },
      query: THREE_DAYS,
      status: 200,
      answer: {
        modelId: ANNA,
        interval: "day",
        ...THREE_DAYS_RESOLVED,
        items: [
          { start: "2026-11-20T00:00:00.000Z", views: 1, uniqueViews: 1 },
          { start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 },
          { start: "2026-11-22T00:00:00.000Z", views: 1, uniqueViews: 1 },
        ],
        asOf: AS_OF,
      },
    },
    compared: {
      summary: "A week in Berlin, and the week before",
      params: { modelId: ANNA },
      query: {
        from: "2026-11-16",
        to: "2026-11-23",
        tz: "Europe/Berlin",
        interval: "week",
        compare: "previous",
      },
      status: 200,
      answer: {
        modelId: ANNA,
        interval: "week",
        tz: "Europe/Berlin",
        from: "2026-11-15T23:00:00.000Z",
        to: "2026-11-22T23:00:00.000Z",
        items: [{ start: "2026-11-15T23:00:00.000Z", views: 3, uniqueViews: 2 }],
        previous: {
          from: "2026-11-08T23:00:00.000Z",
          to: "2026-11-15T23:00:00.000Z",
          items: [{ start: "2026-11-08T23:00:00.000Z", views: 0, uniqueViews: 0 }],
        },
        asOf: AS_OF,
      },
    },
    unknown: { ...UNKNOWN_MODEL, params: { modelId: UNKNOWN_ID } },
  },
  handle: ({ params, query, request, response }, deps: Deps) =>
    sendTimeseries({ request, response }, deps, { ...query, ...params }),
});

export const timeseriesRoute = defineRoute({
  id: "getTimeseries",
  method: "get",
  path: "/v1/timeseries",
  summary: "Views and viewers of the whole site over time",
  description,
  access: "read",
  query: timeseriesQuery,
  answers,
  examples: {
    days: {
      summary: "Three days, with bots",
      query: { ...THREE_DAYS, bots: "include" },
      status: 200,
      answer: {
        interval: "day",
        ...THREE_DAYS_RESOLVED,
        items: [
          { start: "2026-11-20T00:00:00.000Z", views: 1, uniqueViews: 1 },
          { start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 },
          { start: "2026-11-22T00:00:00.000Z", views: 3, uniqueViews: 3 },
        ],
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "Three hours as CSV",
      query: {
        from: "2026-11-22T09:00:00Z",
        to: "2026-11-22T12:00:00Z",
        interval: "hour",
        format: "csv",
      },
      status: 200,
      answer: csv(
        "start,views,uniqueViews",
        "2026-11-22T09:00:00.000Z,0,0",
        "2026-11-22T10:00:00.000Z,0,0",
        "2026-11-22T11:00:00.000Z,2,2",
      ),
    },
    ofOneCountry: {
      summary: "Views from Germany",
      query: { from: "2026-11-21", to: "2026-11-22", country: "DE" },
      status: 200,
      answer: {
        interval: "day",
        tz: "UTC",
        from: "2026-11-21T00:00:00.000Z",
        to: "2026-11-22T00:00:00.000Z",
        items: [{ start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 }],
        asOf: AS_OF,
      },
    },
    ofOneCountryAndDevice: {
      summary: "Views from Germany with mobile phones",
      query: { from: "2026-11-20", to: "2026-11-22", country: "DE", device: "mobile" },
      status: 200,
      answer: {
        interval: "day",
        tz: "UTC",
        from: "2026-11-20T00:00:00.000Z",
        to: "2026-11-22T00:00:00.000Z",
        items: [
          { start: "2026-11-20T00:00:00.000Z", views: 1, uniqueViews: 1 },
          { start: "2026-11-21T00:00:00.000Z", views: 1, uniqueViews: 1 },
        ],
        asOf: AS_OF,
      },
    },
    tooManyBuckets: {
      summary: "Too many buckets",
      query: { from: "2025-01-01", to: "2026-01-01", interval: "hour" },
      status: 422,
      answer: invalid("interval", "makes more than 1000 buckets of this period"),
    },
  },
  handle: ({ query, request, response }, deps: Deps) => sendTimeseries({ request, response }, deps, query),
});

async function sendTimeseries(
  { request, response }: { request: Request; response: Response<TimeseriesAnswer> },
  deps: Deps,
  question: Question,
): Promise<void> {
  const answer = await askTimeseries(response, deps, question);
  if (answer.previous === undefined || !wantsCsv(request, response, question)) {
    return sendList({ request, response, query: question }, answer, COLUMNS);
  }
  // One row a bucket, the period before first. Both may have a part of the same bucket.
  const rows = [
    ...answer.previous.items.map((bucket) => ({ period: "previous", ...bucket })),
    ...answer.items.map((bucket) => ({ period: "asked", ...bucket })),
  ];
  await sendCsv(response, ["period", ...COLUMNS], rows, question);
}

/** The answer of `GET /v1/timeseries`, or of a model's when the question has one. */
export function askTimeseries(response: Response, deps: Deps, question: Question): Promise<TimeseriesAnswer> {
  return deps.answers.ofPeriod(response, ["timeseries", question], timeseriesAnswerSchema, (unwanted) =>
    answerTimeseries(deps, question, unwanted),
  );
}

async function answerTimeseries(
  { db, inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<TimeseriesAnswer> {
  const { modelId, interval, tz, bots, compare } = question;
  const filters = filtersOf(question);
  const asOf = now();
  if (modelId !== undefined) await checkModel(cancelledBy(db, unwanted), modelId);
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    checkBuckets(period, interval);
    const { previous } = period;
    const itemsOf = (each: Period) =>
      timeseries(ask, { ...each, modelId, filters, interval, tz: period.tz, bots });
    return {
      ...(modelId === undefined ? {} : { modelId }),
      interval,
      tz,
      ...resolvedPeriod(period),
      items: await itemsOf(period),
      ...(compare === undefined
        ? {}
        : { previous: { ...resolvedPeriod(previous), items: await itemsOf(previous) } }),
      asOf: asOf.toISOString(),
    };
  });
}
