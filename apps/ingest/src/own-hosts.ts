import type { IncomingHttpHeaders } from "node:http";
import type { PostedView } from "@model-views/shared/views.ts";
import { hostOf } from "./facts/referrer-host.ts";

/** The website's own hosts, as `hostOf` gives them, for a view that was posted with these headers. */
export type OwnHosts = (posted: PostedView, headers: IncomingHttpHeaders) => string[];

/**
 * A page that is reached from another page of the website has no referrer, whichever way its view comes. The
 * website's hosts are those of `ALLOWED_ORIGINS`, the host of the page that sends the request, ours where the page is
 * on it, and the one in `path` where that is a whole address.
 */
export function createOwnHosts(allowedOrigins: readonly string[]): OwnHosts {
  const allowed = hostsOf(allowedOrigins);
  return (posted, headers) => {
    if (posted.referrer === undefined) return [];
    return [...allowed, ...hostsOf([headers.origin, headers.referer, posted.path, ourAddress(headers)])];
  };
}

/** A page that hides its address says all the same that it is of the host that it posts to. */
function ourAddress(headers: IncomingHttpHeaders): string | undefined {
  return headers["sec-fetch-site"] === "same-origin" ? `http://${headers.host}` : undefined;
}

function hostsOf(addresses: readonly (string | undefined)[]): string[] {
  return addresses
    .map((address) => (address === undefined ? undefined : hostOf(address)))
    .filter((host) => host !== undefined);
}
