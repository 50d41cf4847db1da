import type { IncomingHttpHeaders } from "node:http";
import type { PostedView } from "@model-views/shared/contracts/views.ts";
import { hostOf } from "./referrer-host.ts";

/** Whether a host, as `hostOf` gives it, is the website's own. */
export type IsOwnHost = (host: string) => boolean;

/** The website's own hosts, for a view that was posted with these headers. */
export type OwnHosts = (posted: PostedView, headers: IncomingHttpHeaders) => IsOwnHost;

/**
 * A page that is reached from another page of the website has no referrer, whichever way its view comes. The
 * website's hosts are those of `ALLOWED_ORIGINS`, the host of the page that sends the request, ours where the page is
 * on it, and the one in `path` where that is a whole address.
 */
export function createOwnHosts(allowedOrigins: readonly string[]): OwnHosts {
  const allowed = new Set(allowedOrigins.map(hostOf));
  return ({ path }, headers) => {
    return (host) =>
      allowed.has(host) ||
      [headers.origin, headers.referer, path, ourAddress(headers)].some(
        (address) => address !== undefined && hostOf(address) === host,
      );
  };
}

/** A page that hides its address says all the same that it is of the host that it posts to. */
function ourAddress(headers: IncomingHttpHeaders): string | undefined {
  return headers["sec-fetch-site"] === "same-origin" ? `http://${headers.host}` : undefined;
}
