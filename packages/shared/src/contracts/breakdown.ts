import { z } from "zod";

export const dimensionSchema = z
  .enum(["device", "browser", "os", "country", "referrer", "utm_source", "utm_medium", "utm_campaign"])
  .describe("The property to group views by");
export type Dimension = z.infer<typeof dimensionSchema>;

export const shareSchema = z.object({
  value: z.string().nullable().describe("Null: views for which it is not known"),
  views: z.int(),
  uniqueViews: z.int().describe("Viewers with this value. A viewer with two values counts in both"),
  share: z.number().describe("Share of all views of the period, 0 to 1"),
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
  totalViews: z.int().describe("All views of the period, also those of values beyond `limit`"),
  isIncomplete: z.boolean().describe("Retention has removed views of the period, which are not counted here"),
  asOf: z.iso.datetime(),
});
export type BreakdownAnswer = z.infer<typeof breakdownAnswerSchema>;
