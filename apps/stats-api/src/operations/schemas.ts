import { breakdownAnswerSchema, shareSchema } from "@model-views/shared/contracts/breakdown.ts";
import { liveStatsSchema } from "@model-views/shared/contracts/live.ts";
import { modelBodySchema, modelListSchema, modelSchema } from "@model-views/shared/contracts/models.ts";
import {
  manyStatsOfPeriodSchema,
  rankedInPeriodSchema,
  statsOfPeriodAnswerSchema,
  statsOfPeriodSchema,
  topInPeriodAnswerSchema,
} from "@model-views/shared/contracts/period-stats.ts";
import { problemSchema } from "@model-views/shared/contracts/problems.ts";
import {
  manyModelStatsSchema,
  modelStatsAnswerSchema,
  modelStatsSchema,
  rankedModelSchema,
  topModelsAnswerSchema,
} from "@model-views/shared/contracts/stats.ts";
import { bucketSchema, timeseriesAnswerSchema } from "@model-views/shared/contracts/timeseries.ts";
import { erasedViewerSchema, viewerExportSchema } from "@model-views/shared/contracts/viewers.ts";
import {
  viewersBucketSchema,
  viewersOverTimeAnswerSchema,
} from "@model-views/shared/contracts/viewers-over-time.ts";
import { aliveSchema, readySchema } from "@model-views/shared/http/health.ts";
import { z } from "zod";

/** What is sent and answered, by the names that generated clients give it. What is part of another may have a name too. */
export const schemas = {
  Alive: aliveSchema,
  Breakdown: breakdownAnswerSchema,
  BreakdownItem: shareSchema,
  Bucket: bucketSchema,
  Document: z.looseObject({ openapi: z.string() }),
  ErasedViewer: erasedViewerSchema,
  LiveStats: liveStatsSchema,
  ManyModelStats: manyModelStatsSchema,
  ManyStatsOfPeriod: manyStatsOfPeriodSchema,
  Model: modelSchema,
  ModelBody: modelBodySchema,
  ModelList: modelListSchema,
  ModelStats: modelStatsSchema,
  ModelStatsAnswer: modelStatsAnswerSchema,
  Problem: problemSchema,
  RankedInPeriod: rankedInPeriodSchema,
  RankedModel: rankedModelSchema,
  Ready: readySchema,
  StatsOfPeriod: statsOfPeriodSchema,
  StatsOfPeriodAnswer: statsOfPeriodAnswerSchema,
  Timeseries: timeseriesAnswerSchema,
  TopInPeriod: topInPeriodAnswerSchema,
  TopModels: topModelsAnswerSchema,
  ViewerExport: viewerExportSchema,
  ViewersBucket: viewersBucketSchema,
  ViewersOverTime: viewersOverTimeAnswerSchema,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof schemas;
