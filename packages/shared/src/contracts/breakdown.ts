import { z } from "zod";

export const dimensionSchema = z
  .enum(["device", "browser", "os", "country", "referrer", "utm_source", "utm_medium", "utm_campaign"])
  .describe("What views are told apart by");
export type Dimension = z.infer<typeof dimensionSchema>;

export const shareSchema = z.object({
  value: z.string().nullable().describe("Null: views of which it is not known"),
  views: z.int(),
  uniqueViews: z.int().describe("Viewers with this value; one who has been seen with two counts in both"),
  share: z.number().describe("Part of all views of the period, 0 to 1"),
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
  totalViews: z.int().describe("Views of the period in all, also of values that `limit` has left out"),
  isIncomplete: z
    .boolean()
    .describe("Retention has removed views of the period, which are in none of these figures"),
  asOf: z.iso.datetime(),
});
export type BreakdownAnswer = z.infer<typeof breakdownAnswerSchema>;
