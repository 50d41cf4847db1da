import type { ErrorRequestHandler, Request, RequestHandler } from "express";
import { type Problem, problem, sendProblem } from "../contracts/problems.ts";
import { reasonText } from "../runtime/error-text.ts";
import type { Logger } from "../runtime/logger.ts";
import { cutShort } from "./cut-short.ts";

/** Milliseconds between two lines about the world: while a database is away, every request would have one. */
const WORLD_LOG_MS = 10_000;

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
 * `asProblem` may tell that an error is the world's (a database that is away), to be answered with a `503`: of these, one
 * line in ten seconds says what it is and how many there were.
 */
export function problemHandler(
  logger: Logger,
  asProblem: (error: unknown) => Problem | undefined = () => undefined,
): ErrorRequestHandler {
  let loggedAt = Number.NEGATIVE_INFINITY;
  let requests = 0;

  function logWorld(error: unknown): void {
    requests += 1;
    const at = performance.now();
    if (at - loggedAt < WORLD_LOG_MS) return;
    logger.warn({ reason: reasonText(error), requests }, "requests cannot be answered now");
    loggedAt = at;
    requests = 0;
  }

  return (error: unknown, request, response, _next) => {
    if (error instanceof ProblemError) return sendProblem(response, error.problem);
    const status = clientStatus(error);
    if (status !== undefined) {
      return sendProblem(response, problem("invalid-request", status, "The request is malformed"));
    }
    const known = asProblem(error);
    if (known === undefined) logger.error({ err: error, ...routeOf(request) }, "request failed");
    else logWorld(error);
    if (response.headersSent) return cutShort(response);
    sendProblem(response, known ?? problem("internal-error", 500, "The request failed; the log says why"));
  };
}

/** The pattern, and never the path: that may name a viewer. */
function routeOf({ method, route }: Request): { method: string; route: string } {
  const path: unknown = route === undefined ? undefined : (route as { path?: unknown }).path;
  return { method, route: path === undefined ? "no route" : String(path) };
}

function clientStatus(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
