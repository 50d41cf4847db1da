import { ProblemError } from "@model-views/shared/express-problems.ts";
import { problem } from "@model-views/shared/problems.ts";
import { storableText } from "@model-views/shared/text.ts";
import { modelIdSchema } from "@model-views/shared/views.ts";
import { z } from "zod";

/** A route that takes no parameters says so, rather than let a reader believe that one was heeded. */
export const noQuery = z.strictObject({});

export const modelParams = z.object({ modelId: modelIdSchema.describe("The model's UUID") });

export const categoryQuery = storableText(255).min(1).optional().describe("Models of this category alone");

/** How many rows, 1 to `max`. */
export function limitQuery({ max, otherwise }: { max: number; otherwise: number }) {
  const error = `must be a whole number from 1 to ${max}`;
  const digitsAsNumber = (text: unknown) =>
    typeof text === "string" && /^\d{1,6}$/.test(text) ? Number(text) : text;
  return (
    z
      .preprocess(digitsAsNumber, z.int({ error }).min(1, { error }).max(max, { error }))
      // Not `default`, which a document of what is taken (and not of what is made of it) leaves out.
      .prefault(otherwise)
      .describe("Rows at most")
  );
}

/** A list in one parameter, with commas in between. */
export function listQuery<List extends z.ZodArray>(list: List) {
  const split = (text: unknown) =>
    typeof text === "string" ? text.split(",").map((each) => each.trim()) : text;
  return z.preprocess(split, list);
}

/** `404` of a question about a model that does not exist. */
export function unknownModel(modelId: string): ProblemError {
  return new ProblemError(problem("unknown-model", 404, `There is no model ${modelId}`));
}
