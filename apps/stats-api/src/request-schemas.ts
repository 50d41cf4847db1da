import { ProblemError } from "@model-views/shared/express-problems.ts";
import { problem } from "@model-views/shared/problems.ts";
import { storableText } from "@model-views/shared/text.ts";
import { modelIdSchema } from "@model-views/shared/views.ts";
import { z } from "zod";

/** A route that takes no parameters says so, rather than let a reader believe that one was heeded. */
export const noQuery = z.strictObject({});

export const modelParams = z.object({ modelId: modelIdSchema });

export const categoryQuery = storableText(255).min(1).optional();

/** How many rows, 1 to `max`. */
export function limitQuery({ max, otherwise }: { max: number; otherwise: number }) {
  return limitGiven(max).default(otherwise);
}

/** The same where it matters whether it is given. */
export function limitGiven(max: number) {
  const error = `must be a whole number from 1 to ${max}`;
  return z
    .string()
    .regex(/^\d{1,6}$/, { error })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= max, { error });
}

const HALF_LIFE_DAYS_MAX = 365;
const HALF_LIFE_ERROR = `must be a decimal number more than 0, at most ${HALF_LIFE_DAYS_MAX}`;

/** Days in which a model that nobody views comes to rank half as high: a decimal number more than 0, at most 365. */
export const halfLifeQuery = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,9})?$/, { error: HALF_LIFE_ERROR })
  .transform(Number)
  .refine((days) => days > 0 && days <= HALF_LIFE_DAYS_MAX, { error: HALF_LIFE_ERROR })
  .optional();

/** `404` of a question about a model that does not exist. */
export function unknownModel(modelId: string): ProblemError {
  return new ProblemError(problem("unknown-model", 404, `There is no model ${modelId}`));
}
