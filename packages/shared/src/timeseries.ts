import { z } from "zod";

/** Length of a bucket, by the clock and calendar of the asked time zone; weeks begin on Monday. */
export const intervalSchema = z.enum(["hour", "day", "week", "month"]);
export type Interval = z.infer<typeof intervalSchema>;

/** Buckets in one answer. */
export const BUCKETS_MAX = 1_000;

export const bucketSchema = z.object({
  /** When it begins; the first one may begin before the period, and holds only what is in it. */
  start: z.iso.datetime(),
  /** Null where retention has removed views that are only known by day in UTC. */
  views: z.int().nullable(),
  /** Null where retention has removed who viewed. */
  uniqueViews: z.int().nullable(),
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
  /** The period of the same length just before, where it was asked for. */
  previous: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime(), items: z.array(bucketSchema) })
    .optional(),
  asOf: z.iso.datetime(),
});
export type TimeseriesAnswer = z.infer<typeof timeseriesAnswerSchema>;
