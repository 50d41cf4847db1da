import type { IncomingHttpHeaders } from "node:http";
import type { PostedView } from "@model-views/shared/contracts/views.ts";

/** Whether a host, as `hostOf` returns it, is the website's own. */
export type IsOwnHost = (host: string) => boolean;

/** The website's own hosts, for a view that was posted with these headers. */
export type OwnHosts = (posted: PostedView, headers: IncomingHttpHeaders) => IsOwnHost;

/** Characters of a host: a DNS name has at most 253. */
const HOST_CHARS_MAX = 255;
const HTTP = /^\s*https?:/i;
/** Does not match `www.com`, which is a site of that name. */
const WWW = /^www\.(?=.+\.)/;

/**
 * The host of a web address, in lower case, with internationalised names in ASCII (`xn--…`), without port and `www.`.
 * Undefined for anything that is not an http(s) address, and for a host of more than 255 characters.
 */
export function hostOf(url: string): string | undefined {
  if (!HTTP.test(url)) return undefined;
  const hostname = URL.parse(url)?.hostname.replace(/\.$/, "").replace(WWW, "");
  return hostname === undefined || hostname === "" || hostname.length > HOST_CHARS_MAX ? undefined : hostname;
}

/**
 * The host of the other site that led to the page. Only the host, because paths and queries can identify people.
 * Undefined when there is no referrer, or when it is the website itself.
 */
export function referrerHost(referrer: string | undefined, isOwnHost: IsOwnHost): string | undefined {
  const host = referrer === undefined ? undefined : hostOf(referrer);
  return host === undefined || isOwnHost(host) ? undefined : host;
}

/**
 * Finds the website's own hosts: a page that was reached from another page of the website has no referrer. They are the
 * hosts of `ALLOWED_ORIGINS`, the host of the page that sent the request, our host if the page is on it, and the host
 * in `path` if that is a whole address.
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

/** A page that hides its address still sends `Sec-Fetch-Site`, which shows whether it is on our host. */
function ourAddress(headers: IncomingHttpHeaders): string | undefined {
  return headers["sec-fetch-site"] === "same-origin" ? `http://${headers.host}` : undefined;
}
