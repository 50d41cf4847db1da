import type { ErrorRequestHandler, RequestHandler } from "express";
import type { Logger } from "./logger.ts";
import { type Problem, problem, sendProblem } from "./problems.ts";

/** Thrown by a route to answer with a problem. */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly problem: Problem;

  constructor(toAnswer: Problem) {
    super(toAnswer.detail);
    this.problem = toAnswer;
  }
}

/** Last route of an app: what no other route took is a `404` problem. */
export function notFound(): RequestHandler {
  return (request, response) =>
    sendProblem(response, problem("not-found", 404, `No ${request.method} ${request.path} here`));
}

/**
 * Last handler of an app. A {@link ProblemError} is answered as it is; anything that carries a 4xx status (a
 * malformed address, say) as that; everything else is ours: logged, and answered with `500` that gives nothing away.
 * `asProblem` may tell that an error is the world's (a database that is away), to be answered with a `503`.
 */
export function problemHandler(
  logger: Logger,
  asProblem: (error: unknown) => Problem | undefined = () => undefined,
): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    if (error instanceof ProblemError) return sendProblem(response, error.problem);
    const status = clientStatus(error);
    if (status !== undefined) {
      return sendProblem(response, problem("invalid-request", status, "The request is malformed"));
    }
    const known = asProblem(error);
    logger.error({ err: error, method: request.method, route: request.path }, "request failed");
    if (response.headersSent) return response.destroy();
    sendProblem(response, known ?? problem("internal-error", 500, "The request failed; the log says why"));
  };
}

function clientStatus(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
