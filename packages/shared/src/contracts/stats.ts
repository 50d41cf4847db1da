import { z } from "zod";
import { modelIdSchema } from "./views.ts";

/** Whether bots' views count. The rollups do not contain them, so `include` and `only` read the raw views. */
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

/** In answers that count bots, which are in no rollup. */
const incompleteShape = {
  isIncomplete: z
    .boolean()
    .optional()
    .describe(
      "With bots alone: true if retention has removed views, because removed views of bots are not counted",
    ),
};

/** Answer of `GET /v1/models/:modelId/stats`. `asOf` is the time of the answer. */
export const modelStatsAnswerSchema = modelStatsSchema.extend({ ...incompleteShape, asOf: z.iso.datetime() });
export type ModelStatsAnswer = z.infer<typeof modelStatsAnswerSchema>;

/** Answer of `GET /v1/models/stats?ids=`, in the requested order. Models that do not exist are listed as `unknown`. */
export const manyModelStatsSchema = z.object({
  items: z.array(modelStatsSchema),
  unknown: z.array(modelIdSchema),
  ...incompleteShape,
  asOf: z.iso.datetime(),
});
export type ManyModelStats = z.infer<typeof manyModelStatsSchema>;

/** Rankings of the top list. */
export const topSortSchema = z
  .enum(["total", "unique", "trending", "hot", "rising"])
  .describe(
    "Ranked by views (`total`); by viewers (`unique`); by all views ÷ (1 + days since the last view), of models viewed in the last 30 days (`trending`); by the sum of 2^(−age ÷ halfLife) over all views (`hot`); or by how surely the views of the last 24 hours are more than usual (`rising`)",
  );
export type TopSort = z.infer<typeof topSortSchema>;

/** Rankings that are of now, so they have no period. */
export type NowSort = "hot" | "rising";
/** Rankings that are of all time or of a period. */
export type PeriodSort = Exclude<TopSort, NowSort>;

/** Half-lives of `sort=hot`: the time in which the weight of a view halves. */
export const halfLifeSchema = z.enum(["1h", "1d", "7d"]);
export type HalfLife = z.infer<typeof halfLifeSchema>;

/** One place in the top list: a model with views. */
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

/** A model's recent views, and how many are usual for it. */
export const whySchema = z.object({
  views: z
    .int()
    .nullable()
    .describe("Views of the last `hours` hours; null where retention has removed some of them"),
  hours: z.int(),
  usual: z
    .number()
    .nullable()
    .describe(
      "The model's own average in as many hours, over the `days` before them; null if there are none",
    ),
  days: z
    .int()
    .describe(
      "Whole days of the reporting time zone (UTC, unless it was changed), 28 at most, from the day of the model's first view to the day before the last `hours` hours begin",
    ),
  text: z.string().describe("The same in English"),
});
export type Why = z.infer<typeof whySchema>;

/** One place in the list of what is hot or rising. */
export const hotModelSchema = rankedModelSchema.extend({
  score: z
    .number()
    .describe(
      "`hot`: the sum of 2^(−age ÷ halfLife) over all views, as of now. `rising`: the lower bound of (views a day in the last 24 hours ÷ usual views a day)",
    ),
  why: whySchema,
});
export type HotModel = z.infer<typeof hotModelSchema>;

/** Answer of `GET /v1/models/top?sort=hot` and `rising`. */
export const hotModelsAnswerSchema = z.object({ items: z.array(hotModelSchema), asOf: z.iso.datetime() });
export type HotModelsAnswer = z.infer<typeof hotModelsAnswerSchema>;
