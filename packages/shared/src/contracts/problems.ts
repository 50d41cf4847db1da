import type { ServerResponse } from "node:http";
import { z } from "zod";

/** What is wrong with one field: where (`views.0.modelId`), and what. */
const fieldErrorSchema = z.object({ path: z.string(), message: z.string() });
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** An error answer after RFC 9457, sent as `application/problem+json`. */
export const problemSchema = z.object({
  type: z.string().describe("What kind of problem; stable, for programs"),
  title: z.string().describe("The same for people; the same sentence each time"),
  status: z.int(),
  detail: z.string().describe("What happened this time, and what to do about it"),
  errors: z.array(fieldErrorSchema).exactOptional().describe("Each field that is not valid"),
});

/** A problem, and how many seconds until another try makes sense: sent as the header `Retry-After`. */
export type Problem = z.infer<typeof problemSchema> & { retryAfterSeconds?: number };

const TITLES = {
  "bad-json": "The body is not JSON",
  "body-too-large": "The body is too large",
  "forbidden-host": "This service has no such name",
  "forbidden-origin": "Pages from there are not let in",
  "internal-error": "Something went wrong here",
  "invalid-request": "The request is not valid",
  "key-needed": "A key is needed",
  "method-not-allowed": "This address does not take this method",
  "models-refused": "The website's own table of models does not take this",
  "not-found": "There is nothing here",
  "outdated-script": "The script has changed since this address was made",
  "token-needed": "A page token is needed",
  "too-many-requests": "Too many requests",
  unavailable: "Not available right now",
  "unknown-model": "There is no such model",
  "unsupported-media-type": "The body's type is not taken here",
} as const;

const TYPE_PREFIX = "urn:model-views:problem:";

/** A problem of a known kind. `type` becomes a URN, so that nothing pretends to be a web page. */
export function problem(
  kind: keyof typeof TITLES,
  status: number,
  detail: string,
  more: Pick<Problem, "errors" | "retryAfterSeconds"> = {},
): Problem {
  return { type: TYPE_PREFIX + kind, title: TITLES[kind], status, detail, ...more };
}

/** The kind of a problem: `forbidden-origin`, say. */
export function problemKind({ type }: Pick<Problem, "type">): string {
  return type.slice(TYPE_PREFIX.length);
}

/** Each field that a validator refused. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") {
      return [{ path: issue.path.map(String).join("."), message: issue.message }];
    }
    return issue.keys.map((key) => ({
      path: [...issue.path, key].map(String).join("."),
      message: "is not known here",
    }));
  });
}

/** `422` for what a validator refused, naming each field. */
export function invalidRequest(error: z.ZodError): Problem {
  const errors = fieldErrors(error);
  const fields = errors.map(({ path }) => path || "the request").join(", ");
  return problem("invalid-request", 422, `Not valid: ${fields}`, { errors });
}

/**
 * Answers with a problem, and emits it as `problem` on the response, for those who count what is refused. Does nothing
 * when an answer has begun already.
 */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent) return;
  response.emit("problem", problem);
  const { retryAfterSeconds, ...body } = problem;
  const text = JSON.stringify(body);
  response.statusCode = body.status;
  response.setHeader("Content-Type", "application/problem+json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.setHeader("Cache-Control", "no-store");
  if (retryAfterSeconds !== undefined) response.setHeader("Retry-After", String(retryAfterSeconds));
  if (body.status === 401) response.setHeader("WWW-Authenticate", "Bearer");
  response.end(text);
}
