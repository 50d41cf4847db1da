import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { breakdown } from "@model-views/db/stats/breakdown.ts";
import {
  type BreakdownAnswer,
  breakdownAnswerSchema,
  dimensionSchema,
  shareSchema,
} from "@model-views/shared/contracts/breakdown.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { formatShape, sendList } from "../http/csv.ts";
import { filterShape, filtersOf } from "../http/filters.ts";
import { checkModel } from "../http/in-period.ts";
import { limitQuery } from "../http/parameters.ts";
import { DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  AS_OF,
  csv,
  THREE_DAYS,
  THREE_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

const COLUMNS = ["value", "views", "uniqueViews", "share"] as const;

const breakdownQuery = z.strictObject({
  ...periodShape,
  ...filterShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  by: dimensionSchema,
  modelId: modelIdSchema.optional().describe("Only of this model"),
  limit: limitQuery({ max: 1_000, otherwise: 100 }),
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof breakdownQuery>;

export const breakdownRoute = defineRoute({
  id: "getBreakdown",
  method: "get",
  path: "/v1/breakdown",
  summary: "Views by device, browser, country, referrer or campaign",
  description: `The most viewed values first. Of the last ${DAYS_BEFORE} days by default. Devices are desktop, mobile, tablet, tv and vr.`,
  access: "read",
  query: breakdownQuery,
  answers: {
    200: {
      description: "Values with their views",
      json: { Breakdown: breakdownAnswerSchema },
      nested: { BreakdownItem: shareSchema },
      csv: true,
      headers: ["ETag", "Age", "Model-Views-Incomplete"],
    },
  },
  problems: [404],
  examples: {
    devices: {
      summary: "Devices of three days",
      query: { by: "device", ...THREE_DAYS },
      status: 200,
      answer: {
        by: "device",
        ...THREE_DAYS_RESOLVED,
        items: [
          { value: "desktop", views: 2, uniqueViews: 2, share: 0.5 },
          { value: "mobile", views: 2, uniqueViews: 1, share: 0.5 },
        ],
        totalViews: 4,
        isIncomplete: false,
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "A model's countries as CSV",
      query: { by: "country", modelId: ANNA, ...THREE_DAYS, format: "csv" },
      status: 200,
      answer: csv("value,views,uniqueViews,share", "DE,2,1,0.6666666666666666", "FR,1,1,0.3333333333333333"),
    },
    unknown: { ...UNKNOWN_MODEL, query: { by: "country", modelId: UNKNOWN_ID } },
  },
  async handle({ query, request, response }, deps: Deps) {
    const answer = await deps.answers.ofPeriod(
      response,
      ["breakdown", query],
      breakdownAnswerSchema,
      (unwanted) => answerBreakdown(deps, query, unwanted),
    );
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

async function answerBreakdown(
  { db, inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<BreakdownAnswer> {
  const { by, modelId, tz } = question;
  const filters = filtersOf(question);
  const asOf = now();
  if (modelId !== undefined) await checkModel(cancelledBy(db, unwanted), modelId);
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const found = await breakdown(ask, { ...question, ...period, filters });
    return {
      by,
      ...(modelId === undefined ? {} : { modelId }),
      tz,
      ...resolvedPeriod(period),
      ...found,
      asOf: asOf.toISOString(),
    };
  });
}
