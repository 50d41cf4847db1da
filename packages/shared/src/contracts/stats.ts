import { z } from "zod";
import { modelIdSchema } from "./views.ts";

/** Whether views of bots count. They are in no rollup: asking for them reads the raw views. */
export const botsSchema = z
  .enum(["exclude", "include", "only"])
  .describe("Whether views of bots are left out, counted too, or counted alone");
export type Bots = z.infer<typeof botsSchema>;

/** Views and viewers of one model. Without views: 0, 0, null. */
export const modelStatsSchema = z.object({
  modelId: modelIdSchema,
  totalViews: z.int(),
  uniqueViews: z.int(),
  lastViewedAt: z.iso.datetime().nullable().describe("Null without views"),
});
export type ModelStats = z.infer<typeof modelStatsSchema>;

/** In answers with bots, which are in no rollup. */
const incompleteShape = {
  isIncomplete: z
    .boolean()
    .optional()
    .describe(
      "With bots alone: true where retention has removed views, of which those of bots are in no figure",
    ),
};

/** Answer of `GET /v1/models/:modelId/stats`. `asOf` is when the question was answered. */
export const modelStatsAnswerSchema = modelStatsSchema.extend({ ...incompleteShape, asOf: z.iso.datetime() });
export type ModelStatsAnswer = z.infer<typeof modelStatsAnswerSchema>;

/** Answer of `GET /v1/models/stats?ids=`: in the order asked; models that do not exist are left out and named. */
export const manyModelStatsSchema = z.object({
  items: z.array(modelStatsSchema),
  unknown: z.array(modelIdSchema),
  ...incompleteShape,
  asOf: z.iso.datetime(),
});
export type ManyModelStats = z.infer<typeof manyModelStatsSchema>;

/** What the top list can be ranked by. */
export const topSortSchema = z
  .enum(["total", "unique", "trending"])
  .describe("Ranked by views, by viewers, or by views ÷ (1 + days since the last view) of the last 30 days");
export type TopSort = z.infer<typeof topSortSchema>;

/** One place of the top list: a model that has been viewed. */
export const rankedModelSchema = modelStatsSchema.extend({
  name: z.string(),
  category: z.string().nullable(),
  lastViewedAt: z.iso.datetime(),
});
export type RankedModel = z.infer<typeof rankedModelSchema>;

/** Answer of `GET /v1/models/top`. */
export const topModelsAnswerSchema = z.object({
  items: z.array(rankedModelSchema),
  ...incompleteShape,
  asOf: z.iso.datetime(),
});
export type TopModelsAnswer = z.infer<typeof topModelsAnswerSchema>;
