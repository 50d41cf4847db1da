import { dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import { BUCKETS_MAX, intervalSchema } from "@model-views/shared/contracts/timeseries.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { formatShape } from "../http/csv.ts";
import { DAYS_BEFORE, periodShape } from "../http/period-query.ts";
import { limitQuery, modelParams } from "../http/request-schemas.ts";
import type { Operation } from "./operation.ts";
import {
  breakdownExamples,
  modelTimeseriesExamples,
  modelViewersExamples,
  timeseriesExamples,
} from "./period-examples.ts";

const bots = botsSchema.default("exclude");

const viewersQuery = z.strictObject({
  ...periodShape,
  ...formatShape,
  bots,
  interval: intervalSchema.default("day"),
});
const timeseriesQuery = viewersQuery.extend({
  compare: z
    .enum(["previous"])
    .optional()
    .describe("Adds the period of the same length just before. In CSV its buckets come first"),
});

const EVERY_BUCKET = `Every bucket of the period is there, also an empty one; ${BUCKETS_MAX} at most. Of the last ${DAYS_BEFORE} days unless asked otherwise.`;

/** What is counted from the views of a period: over time, and by where they came from. */
export const periodOperations = {
  modelTimeseries: {
    id: "getModelTimeseries",
    method: "get",
    path: "/v1/models/:modelId/timeseries",
    summary: "Views and viewers of a model over time",
    description: EVERY_BUCKET,
    key: "read",
    params: modelParams,
    query: timeseriesQuery,
    answers: {
      200: { description: "Buckets by time", json: "Timeseries", csv: true, headers: ["ETag", "Age"] },
    },
    mayBeUnknown: true,
    examples: modelTimeseriesExamples,
  },
  timeseries: {
    id: "getTimeseries",
    method: "get",
    path: "/v1/timeseries",
    summary: "Views and viewers of the whole site over time",
    description: EVERY_BUCKET,
    key: "read",
    query: timeseriesQuery,
    answers: {
      200: { description: "Buckets by time", json: "Timeseries", csv: true, headers: ["ETag", "Age"] },
    },
    examples: timeseriesExamples,
  },
  modelViewers: {
    id: "getModelViewers",
    method: "get",
    path: "/v1/models/:modelId/viewers",
    summary: "New and returning viewers of a model over time",
    description: `Together they are the \`uniqueViews\` of the same bucket of its time series. Who comes back after retention has forgotten them, or after an erasure, is new. ${EVERY_BUCKET}`,
    key: "read",
    params: modelParams,
    query: viewersQuery,
    answers: {
      200: { description: "Buckets by time", json: "ViewersOverTime", csv: true, headers: ["ETag", "Age"] },
    },
    mayBeUnknown: true,
    examples: modelViewersExamples,
  },
  breakdown: {
    id: "getBreakdown",
    method: "get",
    path: "/v1/breakdown",
    summary: "Views by device, browser, country, referrer or campaign",
    description: `The most viewed values first. Of the last ${DAYS_BEFORE} days unless asked otherwise. Devices are desktop, mobile, tablet, tv and vr.`,
    key: "read",
    query: z.strictObject({
      ...periodShape,
      ...formatShape,
      bots,
      by: dimensionSchema,
      modelId: modelIdSchema.optional().describe("Of this model alone"),
      limit: limitQuery({ max: 1_000, otherwise: 100 }),
    }),
    answers: {
      200: {
        description: "Values with their views",
        json: "Breakdown",
        csv: true,
        headers: ["ETag", "Age", "Model-Views-Incomplete"],
      },
    },
    mayBeUnknown: true,
    examples: breakdownExamples,
  },
} as const satisfies Record<string, Operation>;
