import { invalidRequest } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import type { z } from "zod";

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
