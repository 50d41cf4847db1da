import { fileURLToPath } from "node:url";
import type { RequestHandler } from "express";

/** What `packages/client` builds. */
const TRACKER = fileURLToPath(new URL("../assets/tracker.js", import.meta.url));
const CACHE_MS = 3_600_000;

/** `GET /tracker.js`: the script that a website puts into its profile pages. */
export function getTracker(): RequestHandler {
  return (_request, response, next) => {
    response.set("Cross-Origin-Resource-Policy", "cross-origin");
    response.sendFile(TRACKER, { maxAge: CACHE_MS }, (error) => {
      if (error) next(error);
    });
  };
}
