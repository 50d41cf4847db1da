import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { Request, RequestHandler } from "express";

/** Seconds for which a browser may cache the answer to a preflight: the most that Chrome accepts. */
const PREFLIGHT_SECONDS = 7_200;

/** Headers that a page may send, besides those that browsers always allow. */
const REQUEST_HEADERS = "Authorization, Content-Type, If-None-Match, Last-Event-ID, Cache-Control";
/** Headers that a page may read, besides those that browsers always allow. */
const ANSWER_HEADERS = "ETag, Age, Model-Views-Incomplete, Retry-After, RateLimit, RateLimit-Policy";

/**
 * Lets pages of the named origins ask, such as a dashboard on another host
 * (https://fetch.spec.whatwg.org/#http-cors-protocol). Keys are sent in a header, so cookies are not allowed. Other pages
 * cannot read the answers, and their preflights are refused.
 *
 * @param origins empty: answers have no CORS headers.
 */
export function cors(origins: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    if (origins.size === 0) return next();
    response.vary("Origin");
    const { origin } = request.headers;
    if (origin === undefined) return next();
    if (!origins.has(origin)) {
      if (!isPreflight(request)) return next();
      const detail = "Pages of that origin may not ask here; STATS_ALLOWED_ORIGINS lists those that may";
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
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
      })
      .end();
  };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}
