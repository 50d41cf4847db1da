import type { ErrorRequestHandler, Request, RequestHandler } from "express";
import { type Problem, problem, sendProblem } from "../contracts/problems.ts";
import { reasonText } from "../runtime/error-text.ts";
import type { Logger } from "../runtime/logger.ts";
import { cutShort } from "./cut-short.ts";

/** Milliseconds between log lines about outages: while a database is away, every request would log one. */
const WORLD_LOG_MS = 10_000;

/** Thrown by a route to answer with a problem. */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly problem: Problem;

  /** @param options `cause`: what failed. The log gets it, and the answer does not. */
  constructor(toAnswer: Problem, options?: { cause: unknown }) {
    super(toAnswer.detail, options);
    this.problem = toAnswer;
  }
}

/** Last route of an app: a `404` problem for everything that no other route handled. */
export function notFound(): RequestHandler {
  return (request, response) =>
    sendProblem(response, problem("not-found", 404, `No ${request.method} ${request.path} here`));
}

/**
 * Last handler of an app. A {@link ProblemError} is answered as it is, and an error with a 4xx status (for example of a
 * malformed address) with that status. Everything else is our fault: it is logged and answered with a `500` without
 * details. `asProblem` may turn errors of the environment (a database that is away) into a `503`. For these, and for
 * a {@link ProblemError} with a cause, one log line in ten seconds has the reason and the number of requests.
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
    if (error instanceof ProblemError) {
      if (error.cause !== undefined) logWorld(error);
      return sendProblem(response, error.problem);
    }
    const status = clientStatus(error);
    if (status !== undefined) {
      return sendProblem(response, problem("invalid-request", status, "The request is malformed"));
    }
    const outage = asProblem(error);
    if (outage === undefined) logger.error({ err: error, ...routeOf(request) }, "request failed");
    else logWorld(error);
    if (response.headersSent) return cutShort(response);
    sendProblem(response, outage ?? problem("internal-error", 500, "The request failed; the log says why"));
  };
}

/** The route's pattern and never the path, because the path may identify a viewer. */
function routeOf({ method, route }: Request): { method: string; route: string } {
  const path: unknown = route === undefined ? undefined : (route as { path?: unknown }).path;
  return { method, route: path === undefined ? "no route" : String(path) };
}

function clientStatus(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
