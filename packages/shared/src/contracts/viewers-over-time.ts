import { z } from "zod";
import { bucketSchema, intervalSchema } from "./timeseries.ts";
import { modelIdSchema } from "./views.ts";

/** Together they are the `uniqueViews` of the same bucket in the time series. Both are null if that is. */
export const viewersBucketSchema = z.object({
  start: bucketSchema.shape.start,
  newViewers: z
    .int()
    .nullable()
    .describe(
      "Viewers whose first view of the model, or of any model of the site, as far as it is known, is in this bucket; null where retention has removed who viewed",
    ),
  returningViewers: z
    .int()
    .nullable()
    .describe(
      "Viewers whose first view is not in this bucket, but another one is; null where retention has removed who viewed",
    ),
});
export type ViewersBucket = z.infer<typeof viewersBucketSchema>;

/** Answer of `GET /v1/models/:modelId/viewers` and of `GET /v1/viewers`. */
export const viewersOverTimeAnswerSchema = z.object({
  modelId: modelIdSchema.optional(),
  interval: intervalSchema,
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  items: z.array(viewersBucketSchema),
  asOf: z.iso.datetime(),
});
export type ViewersOverTimeAnswer = z.infer<typeof viewersOverTimeAnswerSchema>;
