import { z } from "zod";
import { modelIdSchema } from "./views.ts";

/** Views and viewers of one model in a period; null where retention has removed what an exact answer needs. */
export const statsOfPeriodSchema = z.object({
  modelId: modelIdSchema,
  totalViews: z.int().nullable(),
  uniqueViews: z.int().nullable(),
  lastViewedAt: z.iso.datetime().nullable().describe("Null also without views"),
});
export type StatsOfPeriod = z.infer<typeof statsOfPeriodSchema>;

const period = { from: z.iso.datetime(), to: z.iso.datetime(), asOf: z.iso.datetime() };

/** Answer of `GET /v1/models/:modelId/stats` with `from` or `to`. */
export const statsOfPeriodAnswerSchema = statsOfPeriodSchema.extend({
  ...period,
  previous: z
    .object({
      from: period.from,
      to: period.to,
      totalViews: statsOfPeriodSchema.shape.totalViews,
      uniqueViews: statsOfPeriodSchema.shape.uniqueViews,
    })
    .optional()
    .describe("The earlier period, if requested"),
});
export type StatsOfPeriodAnswer = z.infer<typeof statsOfPeriodAnswerSchema>;

/** Answer of `GET /v1/models/stats?ids=` with `from` or `to`. */
export const manyStatsOfPeriodSchema = z.object({
  items: z.array(statsOfPeriodSchema),
  unknown: z.array(modelIdSchema),
  ...period,
});
export type ManyStatsOfPeriod = z.infer<typeof manyStatsOfPeriodSchema>;

export const rankedInPeriodSchema = statsOfPeriodSchema.extend({
  name: z.string(),
  category: z.string().nullable(),
});
export type RankedInPeriod = z.infer<typeof rankedInPeriodSchema>;

/** Answer of `GET /v1/models/top` with `from` or `to`. */
export const topInPeriodAnswerSchema = z.object({
  items: z.array(rankedInPeriodSchema),
  isIncomplete: z
    .boolean()
    .describe("Retention has removed views of the period: models with null are ranked last"),
  ...period,
});
export type TopInPeriodAnswer = z.infer<typeof topInPeriodAnswerSchema>;
