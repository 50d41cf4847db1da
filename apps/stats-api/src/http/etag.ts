import { createHash } from "node:crypto";
import type { RequestHandler } from "express";

/**
 * The time of an answer and the ends of its period, which are given in the question or follow from the time. In JSON no
 * other text can look like this, because its quotes are escaped.
 */
const TIMES_OF_ASKING = /"(?:asOf|from|to)":"[^"]*"/g;

/** A weak ETag of a JSON answer. It changes with the stats and not with the time of asking, so that the same stats are a `304`. */
export function answerTag(body: string | Buffer): string {
  const withoutTimes = body.toString().replace(TIMES_OF_ASKING, "");
  return `W/"${createHash("sha256").update(withoutTimes).digest("base64url").slice(0, 22)}"`;
}

/**
 * Lets a reader's cache store an answer for that reader's key only, and makes it ask each time whether the stats have
 * changed. `fetch` adds `Cache-Control: no-cache` to a request with `If-None-Match`; Express would then send the
 * whole answer, so the header is removed.
 */
export function revalidateByKey(): RequestHandler {
  return (request, response, next) => {
    response.vary("Authorization");
    if (request.method === "GET" || request.method === "HEAD") {
      response.setHeader("Cache-Control", "private, no-cache");
      delete request.headers["cache-control"];
    }
    next();
  };
}
