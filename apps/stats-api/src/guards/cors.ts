import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { Request, RequestHandler } from "express";

/** Seconds that a browser may remember what a preflight answered; Chrome takes no more. */
const PREFLIGHT_SECONDS = 7_200;

/** What a page may send besides what browsers always let it. */
const REQUEST_HEADERS = "Authorization, Content-Type, If-None-Match, Last-Event-ID, Cache-Control";
/** What a page may read of an answer besides what browsers always let it. */
const ANSWER_HEADERS = "ETag, Age, Model-Views-Incomplete, Retry-After, RateLimit, RateLimit-Policy";

/**
 * Lets the pages of named origins ask, from whichever host they come: a dashboard that is elsewhere
 * (https://fetch.spec.whatwg.org/#http-cors-protocol). A key travels in a header, so no credentials are let through.
 * Other pages get no answer that they could read, and a preflight of theirs is refused.
 *
 * @param origins none: answers are as if CORS did not exist.
 */
export function cors(origins: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    if (origins.size === 0) return next();
    response.vary("Origin");
    const { origin } = request.headers;
    if (origin === undefined) return next();
    if (!origins.has(origin)) {
      if (!isPreflight(request)) return next();
      const detail = "Pages of that origin may not ask here; STATS_ALLOWED_ORIGINS says which may";
      return sendProblem(response, problem("forbidden-origin", 403, detail));
    }
    response.set({
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Expose-Headers": ANSWER_HEADERS,
    });
    if (!isPreflight(request)) return next();
    response
      .status(204)
      .set({
        "Access-Control-Allow-Methods": "GET, HEAD, PUT, DELETE",
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
      })
      .end();
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}
