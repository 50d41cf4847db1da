import { z } from "zod";
import { bucketSchema, intervalSchema } from "./timeseries.ts";
import { modelIdSchema } from "./views.ts";

/** Together they are the `uniqueViews` of the time series' bucket; both are null where that is. */
export const viewersBucketSchema = z.object({
  start: bucketSchema.shape.start,
  newViewers: z
    .int()
    .nullable()
    .describe(
      "Viewers whose first stored view of the model is in this bucket. Null where retention has removed the viewers",
    ),
  returningViewers: z
    .int()
    .nullable()
    .describe(
      "Viewers with a view in this bucket whose first one is in another. Null where retention has removed the viewers",
    ),
});
export type ViewersBucket = z.infer<typeof viewersBucketSchema>;

/** Answer of `GET /v1/models/:modelId/viewers`. */
export const viewersOverTimeAnswerSchema = z.object({
  modelId: modelIdSchema,
  interval: intervalSchema,
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  items: z.array(viewersBucketSchema),
  asOf: z.iso.datetime(),
});
export type ViewersOverTimeAnswer = z.infer<typeof viewersOverTimeAnswerSchema>;
