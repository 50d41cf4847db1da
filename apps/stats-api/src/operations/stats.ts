import { botsSchema, topSortSchema } from "@model-views/shared/contracts/stats.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { formatShape } from "../http/csv.ts";
import { periodShape } from "../http/period-query.ts";
import { categoryQuery, halfLifeQuery, limitQuery, listQuery, modelParams } from "../http/request-schemas.ts";
import type { Operation } from "./operation.ts";
import { manyStatsExamples, modelStatsExamples, topExamples } from "./stats-examples.ts";

/** Models in one question. */
const IDS_MAX = 200;
const IDS_ERROR = `must be 1 to ${IDS_MAX} ids of models, with commas in between`;

const bots = botsSchema.default("exclude");

const topQuery = z
  .strictObject({
    ...periodShape,
    ...formatShape,
    bots,
    limit: limitQuery({ max: 100, otherwise: 10 }),
    sort: topSortSchema.default("total"),
    halfLifeDays: halfLifeQuery,
    category: categoryQuery,
  })
  .refine(({ sort, halfLifeDays }) => halfLifeDays === undefined || sort === "trending", {
    error: "is for sort=trending",
    path: ["halfLifeDays"],
  });

const OF_PERIOD = "Of all time; with `from` or `to`, of that period, counted from the views themselves.";

/** Views and viewers of models, and which were viewed most. */
export const statsOperations = {
  many: {
    id: "getManyModelStats",
    method: "get",
    path: "/v1/models/stats",
    summary: "Views and viewers of many models",
    description: `${OF_PERIOD} In the order asked; models that do not exist are left out, and named in \`unknown\`.`,
    key: "read",
    query: z.strictObject({
      ...periodShape,
      ...formatShape,
      bots,
      ids: listQuery(
        z.array(modelIdSchema, { error: IDS_ERROR }).min(1).max(IDS_MAX, { error: IDS_ERROR }),
      ).describe("Models, with commas in between"),
    }),
    answers: {
      200: {
        description: "The figures of each model",
        json: ["ManyModelStats", "ManyStatsOfPeriod"],
        csv: true,
        headers: ["ETag", "Age"],
      },
    },
    examples: manyStatsExamples,
  },
  top: {
    id: "getTopModels",
    method: "get",
    path: "/v1/models/top",
    summary: "The most viewed models",
    description: `${OF_PERIOD} Models without views are left out; ties are broken by the model's id.`,
    key: "read",
    query: topQuery,
    answers: {
      200: {
        description: "Ranked models",
        json: ["TopModels", "TopInPeriod"],
        csv: true,
        headers: ["ETag", "Age", "Model-Views-Incomplete"],
      },
    },
    examples: topExamples,
  },
  model: {
    id: "getModelStats",
    method: "get",
    path: "/v1/models/:modelId/stats",
    summary: "Views and viewers of a model",
    description: `${OF_PERIOD} A model without views has 0, 0 and null.`,
    key: "read",
    params: modelParams,
    query: z.strictObject({ ...periodShape, bots }),
    answers: {
      200: {
        description: "Its figures",
        json: ["ModelStatsAnswer", "StatsOfPeriodAnswer"],
        headers: ["ETag", "Age"],
      },
    },
    mayBeUnknown: true,
    examples: modelStatsExamples,
  },
} as const satisfies Record<string, Operation>;
