import { problem } from "@model-views/shared/contracts/problems.ts";
import { storableText } from "@model-views/shared/contracts/text.ts";
import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import { z } from "zod";

/** A route that takes no parameters says so, rather than let a reader believe that one was heeded. */
export const noQuery = z.strictObject({});

export const modelParams = z.object({ modelId: modelIdSchema.describe("The model's UUID") });

export const categoryQuery = storableText(255).min(1).optional().describe("Models of this category alone");

/** How many rows, 1 to `max`. */
export function limitQuery({ max, otherwise }: { max: number; otherwise: number }) {
  // Not `default`, which a document of what is taken (and not of what is made of it) leaves out.
  return limitGiven(max).prefault(otherwise);
}

/** The same where it matters whether it is given. */
export function limitGiven(max: number) {
  const error = `must be a whole number from 1 to ${max}`;
  const digitsAsNumber = (text: unknown) =>
    typeof text === "string" && /^\d{1,6}$/.test(text) ? Number(text) : text;
  return z
    .preprocess(digitsAsNumber, z.int({ error }).min(1, { error }).max(max, { error }))
    .describe("Rows at most");
}

/** A list in one parameter, with commas in between. */
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
    "For `sort=trending` alone: days without a view after which a model counts half. Ranks by views × 2^(−days since the last view ÷ these)",
  );

/** `404` of a question about a model that does not exist. */
export function unknownModel(modelId: string): ProblemError {
  return new ProblemError(problem("unknown-model", 404, `There is no model ${modelId}`));
}
