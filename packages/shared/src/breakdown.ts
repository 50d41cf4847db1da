import { z } from "zod";

/** What views can be told apart by. */
export const dimensionSchema = z.enum([
  "device",
  "browser",
  "os",
  "country",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
]);
export type Dimension = z.infer<typeof dimensionSchema>;

export const shareSchema = z.object({
  /** Null: views of which it is not known. */
  value: z.string().nullable(),
  views: z.int(),
  /** Viewers with this value; one who has been seen with two counts in both. */
  uniqueViews: z.int(),
  /** Part of all views of the period, 0 to 1. */
  share: z.number(),
});
export type Share = z.infer<typeof shareSchema>;

/** Answer of `GET /v1/breakdown`: the most viewed values first. */
export const breakdownAnswerSchema = z.object({
  by: dimensionSchema,
  modelId: z.guid().optional(),
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  items: z.array(shareSchema),
  /** Views and viewers of the period in all, also of values that `limit` has left out. */
  totalViews: z.int(),
  uniqueViews: z.int(),
  /** True where retention has removed views of the period, which are in none of these figures. */
  isIncomplete: z.boolean(),
  asOf: z.iso.datetime(),
});
export type BreakdownAnswer = z.infer<typeof breakdownAnswerSchema>;
