import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a browser asks not to be followed: Global Privacy Control (`Sec-GPC: 1`, https://w3c.github.io/gpc) or its
 * predecessor Do Not Track (`DNT: 1`). Any other value, or none, asks for nothing.
 */
export function asksForPrivacy(headers: IncomingHttpHeaders): boolean {
  return headers["sec-gpc"] === "1" || headers["dnt"] === "1";
}
