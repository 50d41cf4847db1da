import { failureOf } from "@model-views/db/postgres/failure.ts";
import { invalidRequest, type Problem, problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import type { z } from "zod";

const RETRY_AFTER_SECONDS = 5;

/**
 * Parses a part of a request.
 *
 * @throws {ProblemError} a `422` that names each wrong field.
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ProblemError(invalidRequest(parsed.error));
  return parsed.data;
}

/** A `422` that names one parameter, for what a schema alone cannot check. */
export function invalidParameter(path: string, message: string): ProblemError {
  return new ProblemError(
    problem("invalid-request", 422, `Not valid: ${path}`, { errors: [{ path, message }] }),
  );
}

/** A `404` for a model that does not exist. */
export function unknownModel(modelId: string): ProblemError {
  return new ProblemError(problem("unknown-model", 404, `There is no model ${modelId}`));
}

/** A `503` when the database is away or too slow; undefined when the error is another. */
export function asUnavailable(error: unknown): Problem | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (failureOf(cause).kind === "world") {
      return problem("unavailable", 503, "The database is away or too busy; try again", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  }
  return undefined;
}
