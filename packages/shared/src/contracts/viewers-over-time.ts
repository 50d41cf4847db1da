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
      "Viewers whose first view of the model, as far as it is known, is in this bucket; null where retention has removed who viewed",
    ),
  returningViewers: z
    .int()
    .nullable()
    .describe(
      "Viewers whose first view of the model is not in this bucket, but another one is; null where retention has removed who viewed",
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
