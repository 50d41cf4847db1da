import { z } from "zod";
import { statsOfPeriodSchema } from "./period-stats.ts";

/** Buckets of the sparkline of each row. */
export const SERIES_BUCKETS_MAX = 60;

/** One model of the table, also one without views: 0, 0, null. */
export const modelRowSchema = statsOfPeriodSchema.extend({
  name: z.string(),
  category: z.string().nullable(),
  createdAt: z.iso.datetime(),
  previous: statsOfPeriodSchema
    .pick({ totalViews: true, uniqueViews: true })
    .optional()
    .describe("Of the period to compare with, if requested"),
  series: z
    .array(z.int().nullable())
    .optional()
    .describe("Views in each of the `buckets`, if requested; null where retention has removed some"),
});
export type ModelRow = z.infer<typeof modelRowSchema>;

/** Answer of `GET /v1/models/table`: every model, the most viewed first. */
export const modelsTableSchema = z.object({
  items: z.array(modelRowSchema),
  buckets: z
    .array(z.iso.datetime())
    .optional()
    .describe("When each bucket of `series` begins; the first one may begin before the period"),
  from: z.iso.datetime().optional().describe("Start of the period; of all time there is none"),
  to: z.iso.datetime().optional(),
  previous: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime() })
    .optional()
    .describe("The period that `previous` of the rows is about, if requested"),
  isIncomplete: z
    .boolean()
    .describe("Retention has removed views of the period; counts that need them are null, and ranked last"),
  asOf: z.iso.datetime(),
});
export type ModelsTable = z.infer<typeof modelsTableSchema>;
