import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { breakdowns } from "@model-views/db/stats/breakdown.ts";
import {
  type BreakdownsAnswer,
  breakdownsAnswerSchema,
  dimensionSchema,
  dimensionValuesSchema,
  shareSchema,
} from "@model-views/shared/contracts/breakdown.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import type { Response } from "express";
import { z } from "zod";
import { formatShape, sendCsv, setIncomplete, wantsCsv } from "../http/csv.ts";
import { filterShape, filtersOf } from "../http/filters.ts";
import { checkModel } from "../http/in-period.ts";
import { limitQuery, listQuery } from "../http/parameters.ts";
import { DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
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

const COLUMNS = ["by", "value", "views", "uniqueViews", "share"] as const;

const DIMENSIONS_MAX = dimensionSchema.options.length;
const BY_ERROR = `must be 1 to ${DIMENSIONS_MAX} different dimensions, separated by commas`;

export const breakdownsQuery = z.strictObject({
  ...periodShape,
  ...filterShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  by: listQuery(
    z
      .array(dimensionSchema, { error: BY_ERROR })
      .min(1)
      .refine((by) => new Set(by).size === by.length, { error: BY_ERROR }),
  ).describe("What views are grouped by: up to eight dimensions, separated by commas"),
  modelId: modelIdSchema.optional().describe("Only of this model"),
  limit: limitQuery({ max: 100, otherwise: 10 }).describe("The most values of each dimension"),
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof breakdownsQuery>;

export const breakdownsRoute = defineRoute({
  id: "getBreakdowns",
  method: "get",
  path: "/v1/breakdowns",
  summary: "Views by several dimensions at once",
  description: `All of the same moment, and faster than one question for each dimension. Of the last ${DAYS_BEFORE} days by default. CSV has a row for each value of each dimension.`,
  access: "read",
  query: breakdownsQuery,
  answers: {
    200: {
      description: "Dimensions with their values",
      json: { Breakdowns: breakdownsAnswerSchema },
      nested: { DimensionValues: dimensionValuesSchema, BreakdownItem: shareSchema },
      csv: true,
      headers: ["ETag", "Age", "Model-Views-Incomplete"],
    },
  },
  problems: [404],
  examples: {
    devicesAndCountries: {
      summary: "Devices and countries of three days",
      query: { by: ["device", "country"], limit: 1, ...THREE_DAYS },
      status: 200,
      answer: {
        ...THREE_DAYS_RESOLVED,
        items: [
          {
            by: "device",
            items: [{ value: "desktop", views: 2, uniqueViews: 2, share: 0.5 }],
            totalViews: 4,
            isIncomplete: false,
          },
          {
            by: "country",
            items: [{ value: "DE", views: 2, uniqueViews: 1, share: 0.5 }],
            totalViews: 4,
            isIncomplete: false,
          },
        ],
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "A model's countries and referrers as CSV",
      query: { by: ["country", "referrer"], modelId: ANNA, ...THREE_DAYS, format: "csv" },
      status: 200,
      answer: csv(
        "by,value,views,uniqueViews,share",
        "country,DE,2,1,0.6666666666666666",
        "country,FR,1,1,0.3333333333333333",
        "referrer,,2,1,0.6666666666666666",
        "referrer,www.example.org,1,1,0.3333333333333333",
      ),
    },
    twice: {
      summary: "A dimension twice",
      query: { by: ["country", "country"] },
      status: 422,
      answer: invalid("by", BY_ERROR),
    },
    unknown: { ...UNKNOWN_MODEL, query: { by: ["country"], modelId: UNKNOWN_ID } },
  },
  async handle({ query, request, response }, deps: Deps) {
    const answer = await askBreakdowns(response, deps, query);
    if (!wantsCsv(request, response, query)) return void response.json(answer);
    setIncomplete(response, { isIncomplete: answer.items.some(({ isIncomplete }) => isIncomplete) });
    const rows = answer.items.flatMap(({ by, items }) => items.map((item) => ({ by, ...item })));
    await sendCsv(response, COLUMNS, rows, query);
  },
});

/** The answer of `GET /v1/breakdowns`. */
export function askBreakdowns(response: Response, deps: Deps, question: Question): Promise<BreakdownsAnswer> {
  return deps.answers.ofPeriod(response, ["breakdowns", question], breakdownsAnswerSchema, (unwanted) =>
    answerBreakdowns(deps, question, unwanted),
  );
}

async function answerBreakdowns(
  { db, inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<BreakdownsAnswer> {
  const { modelId, tz } = question;
  const filters = filtersOf(question);
  const asOf = now();
  if (modelId !== undefined) await checkModel(cancelledBy(db, unwanted), modelId);
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => ({
    ...(modelId === undefined ? {} : { modelId }),
    tz,
    ...resolvedPeriod(period),
    items: await breakdowns(ask, { ...question, ...period, filters }),
    asOf: asOf.toISOString(),
  }));
}
