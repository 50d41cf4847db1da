import { z } from "zod";

export const dimensionSchema = z
  .enum(["device", "browser", "os", "country", "referrer", "utm_source", "utm_medium", "utm_campaign"])
  .describe("What views are grouped by");
export type Dimension = z.infer<typeof dimensionSchema>;

export const shareSchema = z.object({
  value: z.string().nullable().describe("Null: views whose value is unknown"),
  views: z.int(),
  uniqueViews: z.int().describe("Viewers with this value; a viewer with two values counts for both"),
  share: z.number().describe("Part of all views of the period, 0 to 1"),
});
export type Share = z.infer<typeof shareSchema>;

/** What both breakdowns have of a dimension. */
const valuesShape = {
  by: dimensionSchema,
  items: z.array(shareSchema),
  totalViews: z.int().describe("All views of the period, including values beyond `limit`"),
  isIncomplete: z.boolean().describe("Retention has removed views of the period, which are not counted here"),
};

/** Answer of `GET /v1/breakdown`: the most viewed values first. */
export const breakdownAnswerSchema = z.object({
  ...valuesShape,
  modelId: z.guid().optional(),
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  asOf: z.iso.datetime(),
});
export type BreakdownAnswer = z.infer<typeof breakdownAnswerSchema>;

/** The values of one of several dimensions. */
export const dimensionValuesSchema = z.object(valuesShape);

/** Answer of `GET /v1/breakdowns`: the dimensions in the order of the question, all of the same moment. */
export const breakdownsAnswerSchema = z.object({
  modelId: z.guid().optional(),
  tz: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  items: z.array(dimensionValuesSchema),
  asOf: z.iso.datetime(),
});
export type BreakdownsAnswer = z.infer<typeof breakdownsAnswerSchema>;
