import { z } from "zod";
import { statsOfPeriodSchema } from "./period-stats.ts";
import { hotModelSchema } from "./stats.ts";
import { modelIdSchema } from "./views.ts";

/** Seats of a front page. */
export const SEATS_MAX = 100;

/** A seat of the front page, and the model on it. */
export const frontPageSeatSchema = statsOfPeriodSchema.extend({
  seat: z.int().min(1).describe("From 1 on. A seat for which there is no model is left out"),
  name: z.string(),
  category: z.string().nullable(),
  isLocked: z.boolean(),
  isNew: z.boolean().describe("`current` is given, and does not have this model"),
  score: hotModelSchema.shape.score.optional(),
  why: hotModelSchema.shape.why
    .optional()
    .describe("With `sort=hot` and `rising`; not for a locked model that is not in the ranking"),
});
export type FrontPageSeat = z.infer<typeof frontPageSeatSchema>;

export const leavingReasonSchema = z
  .enum(["unknown-model", "excluded", "wrong-category", "no-views", "per-category", "outranked"])
  .describe(
    "There is no such model; it is excluded; it is not of `category`; the ranking does not have it, for want of views; its category has `perCategory` seats; or others rank before it",
  );
export type LeavingReason = z.infer<typeof leavingReasonSchema>;

/** A model of `current` that is not on the front page any more. */
export const leavingModelSchema = z.object({
  modelId: modelIdSchema,
  name: z.string().nullable().describe("Null: there is no such model"),
  category: z.string().nullable(),
  wasSeat: z.int().min(1),
  reason: leavingReasonSchema,
  text: z.string().describe("The reason in English"),
});
export type LeavingModel = z.infer<typeof leavingModelSchema>;

/** Answer of `GET /v1/front-page`. */
export const frontPageSchema = z.object({
  items: z.array(frontPageSeatSchema),
  leaving: z.array(leavingModelSchema).describe("In the order of `current`"),
  from: z.iso.datetime().optional().describe("Start of the period, if one was asked for"),
  to: z.iso.datetime().optional(),
  isIncomplete: z
    .boolean()
    .describe("Retention has removed views of the period: models with null are ranked last"),
  asOf: z.iso.datetime(),
});
export type FrontPage = z.infer<typeof frontPageSchema>;
