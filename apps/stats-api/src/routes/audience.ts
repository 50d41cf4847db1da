import { overlap } from "@model-views/db/audiences/overlap.ts";
import { missingModels } from "@model-views/db/models/missing-models.ts";
import {
  type AudienceAnswer,
  audienceAnswerSchema,
  modelAudienceSchema,
  pairAudienceSchema,
} from "@model-views/shared/contracts/audience.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { formatShape, sendList } from "../http/csv.ts";
import { filterShape, filtersOf } from "../http/filters.ts";
import { listQuery } from "../http/parameters.ts";
import { DAYS_BEFORE, periodShape, resolvedPeriod } from "../http/periods.ts";
import { unknownModel } from "../http/problems.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import {
  ANNA,
  AS_OF,
  BELLA,
  CARLA,
  csv,
  invalid,
  THREE_DAYS,
  THREE_DAYS_RESOLVED,
  UNKNOWN_ID,
  UNKNOWN_MODEL,
} from "./example-data.ts";

/** Models in one question. */
const MODELS_MAX = 20;
const MODELS_ERROR = `must be 2 to ${MODELS_MAX} different ids of models, separated by commas`;

const COLUMNS = ["modelId", "uniqueViews", "onlyThis"] as const;

const audienceQuery = z.strictObject({
  ...periodShape,
  ...filterShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  models: listQuery(
    z
      .array(modelIdSchema, { error: MODELS_ERROR })
      .refine((ids) => ids.length <= MODELS_MAX && ids.length >= 2 && new Set(ids).size === ids.length, {
        error: MODELS_ERROR,
      }),
  ).describe(`2 to ${MODELS_MAX} models, separated by commas`),
});

type Deps = Pick<RouteDeps, "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof audienceQuery>;

export const audienceRoute = defineRoute({
  id: "getAudience",
  method: "get",
  path: "/v1/audience",
  summary: "How the viewers of several models overlap",
  description: `How many different viewers saw any of these models, all of them, or exactly one, and both of each pair. Of the last ${DAYS_BEFORE} days by default. CSV has a row for each model.`,
  access: "read",
  query: audienceQuery,
  answers: {
    200: {
      description: "Viewers of the models together, and of each",
      json: { Audience: audienceAnswerSchema },
      nested: { ModelAudience: modelAudienceSchema, PairAudience: pairAudienceSchema },
      csv: true,
      headers: ["ETag", "Age"],
    },
  },
  problems: [404],
  examples: {
    three: {
      summary: "Three models in three days",
      query: { models: [ANNA, BELLA, CARLA], ...THREE_DAYS },
      status: 200,
      answer: {
        ...THREE_DAYS_RESOLVED,
        any: 3,
        all: 0,
        exactlyOne: 3,
        items: [
          { modelId: ANNA, uniqueViews: 2, onlyThis: 2 },
          { modelId: BELLA, uniqueViews: 1, onlyThis: 1 },
          { modelId: CARLA, uniqueViews: 0, onlyThis: 0 },
        ],
        pairs: [
          { models: [ANNA, BELLA], both: 0 },
          { models: [ANNA, CARLA], both: 0 },
          { models: [BELLA, CARLA], both: 0 },
        ],
        asOf: AS_OF,
      },
    },
    asCsv: {
      summary: "As CSV",
      query: { models: [BELLA, ANNA], ...THREE_DAYS, format: "csv" },
      status: 200,
      answer: csv("modelId,uniqueViews,onlyThis", `${BELLA},1,1`, `${ANNA},2,2`),
    },
    one: {
      summary: "One model alone",
      query: { models: [ANNA] },
      status: 422,
      answer: invalid("models", MODELS_ERROR),
    },
    unknown: { ...UNKNOWN_MODEL, query: { models: [ANNA, UNKNOWN_ID] } },
  },
  async handle({ query, request, response }, deps: Deps) {
    const answer = await deps.answers.ofPeriod(
      response,
      ["audience", query],
      audienceAnswerSchema,
      (unwanted) => answerAudience(deps, query, unwanted),
    );
    await sendList({ request, response, query }, answer, COLUMNS);
  },
});

function answerAudience(
  { inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<AudienceAnswer> {
  const { models: modelIds, tz, bots } = question;
  const filters = filtersOf(question);
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const [missing] = await missingModels(ask, modelIds);
    if (missing !== undefined) throw unknownModel(missing);
    const found = await overlap(ask, { ...period, modelIds, filters, bots });
    return { tz, ...resolvedPeriod(period), ...found, asOf: asOf.toISOString() };
  });
}
