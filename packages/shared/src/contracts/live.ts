import { z } from "zod";

/** Minutes that count as now. */
export const LIVE_MINUTES = 5;

/** Data of each event of `GET /v1/live`: views and viewers of the last five minutes, without bots. */
export const liveStatsSchema = z.object({
  views: z.int(),
  viewers: z.int(),
  asOf: z.iso.datetime(),
});
export type LiveStats = z.infer<typeof liveStatsSchema>;

/** Minutes of the details by minute. */
export const DETAIL_MINUTES = 30;

const valuesSchema = z.array(z.object({ value: z.string().nullable(), views: z.int() }));

/** Data of `event: details` of `GET /v1/live?details=true`, without bots. All but `minutes` are of the last five minutes. */
export const liveDetailsSchema = z.object({
  minutes: z
    .array(z.object({ start: z.iso.datetime(), views: z.int(), viewers: z.int() }))
    .describe(`The last ${DETAIL_MINUTES} minutes, the current one last`),
  models: z
    .array(
      z.object({
        modelId: z.guid(),
        name: z.string(),
        category: z.string().nullable(),
        views: z.int(),
        viewers: z.int(),
        lastViewedAt: z.iso.datetime(),
      }),
    )
    .describe("The most viewed models, 20 at most"),
  countries: valuesSchema.describe("The ten with the most views, as the other lists"),
  devices: valuesSchema,
  referrers: valuesSchema,
  asOf: z.iso.datetime(),
});
export type LiveDetails = z.infer<typeof liveDetailsSchema>;
