import { storableText } from "@model-views/shared/contracts/text.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";

/** For a route without query parameters: one that is given is refused, so that a reader does not believe it has an effect. */
export const noQuery = z.strictObject({});

export const modelParams = z.object({ modelId: modelIdSchema.describe("The model's UUID") });

export const categoryQuery = storableText(255).min(1).optional().describe("Only models of this category");

/** How many rows, 1 to `max`; `otherwise` when it is not given. */
export function limitQuery({ max, otherwise }: { max: number; otherwise: number }) {
  // Not `default`: the document shows what is sent, and leaves out defaults of what is parsed.
  return optionalLimitQuery(max).prefault(otherwise);
}

/** How many rows, 1 to `max`, without a default. */
export function optionalLimitQuery(max: number) {
  const error = `must be a whole number from 1 to ${max}`;
  const digitsAsNumber = (text: unknown) =>
    typeof text === "string" && /^\d{1,6}$/.test(text) ? Number(text) : text;
  return z
    .preprocess(digitsAsNumber, z.int({ error }).min(1, { error }).max(max, { error }))
    .describe("The most rows to answer");
}

/** A list in one parameter, separated by commas. */
export function listQuery<List extends z.ZodArray>(list: List) {
  const split = (text: unknown) =>
    typeof text === "string" ? text.split(",").map((each) => each.trim()) : text;
  return z.preprocess(split, list);
}

const HALF_LIFE_DAYS_MAX = 365;
const HALF_LIFE_ERROR = `must be a decimal number more than 0, at most ${HALF_LIFE_DAYS_MAX}`;

/** A decimal number more than 0, at most 365. */
export const halfLifeQuery = z
  .preprocess(
    (text) => (typeof text === "string" && /^\d{1,3}(\.\d{1,9})?$/.test(text) ? Number(text) : text),
    z
      .number({ error: HALF_LIFE_ERROR })
      .gt(0, { error: HALF_LIFE_ERROR })
      .max(HALF_LIFE_DAYS_MAX, { error: HALF_LIFE_ERROR }),
  )
  .optional()
  .describe(
    "Only with `sort=trending`: the days without a view after which a model counts half. Ranks by views × 2^(−days since the last view ÷ halfLifeDays)",
  );

/** Text for where the next page begins. It is encoded so that clients do not build it themselves. */
export function writeCursor(afterId: string): string {
  return Buffer.from(afterId).toString("base64url");
}

/** A cursor written by {@link writeCursor}: the id after which the page begins. */
export const cursorQuery = z
  .string()
  .transform((cursor) => Buffer.from(cursor, "base64url").toString())
  .refine((id) => modelIdSchema.safeParse(id).success, { error: "is no cursor of this list" })
  .transform((id) => modelIdSchema.parse(id))
  .optional()
  .describe("`next` of the page before");
