import { z } from "zod";

export const intervalSchema = z
  .enum(["hour", "day", "week", "month"])
  .describe(
    "Length of a bucket, by the clock and calendar of the requested time zone; weeks begin on Monday",
  );
export type Interval = z.infer<typeof intervalSchema>;

/** Buckets in one answer. */
export const BUCKETS_MAX = 1_000;

export const bucketSchema = z.object({
  start: z.iso
    .datetime()
    .describe("When it begins; the first one may begin before the period, and counts only the period"),
  views: z
    .int()
    .nullable()
    .describe(
      "Null where retention has removed views, which are still counted by day of the reporting time zone alone",
    ),
  uniqueViews: z.int().nullable().describe("Null where retention has removed who viewed"),
});
export type Bucket = z.infer<typeof bucketSchema>;

/** Answer of `GET /v1/models/:modelId/timeseries` and of `GET /v1/timeseries`. */
export const timeseriesAnswerSchema = z.object({
  modelId: z.guid().optional(),
  interval: intervalSchema,
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  items: z.array(bucketSchema),
  previous: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime(), items: z.array(bucketSchema) })
    .optional()
    .describe("The preceding period of the same length, if requested"),
  asOf: z.iso.datetime(),
});
export type TimeseriesAnswer = z.infer<typeof timeseriesAnswerSchema>;
