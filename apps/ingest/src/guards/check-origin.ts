import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Characters of an origin that is named: a DNS name has at most 253. */
const ORIGIN_CHARS_MAX = 300;

/** What the page that sent a request may do here: `origin` is the one to name in the answer, for CORS. */
export type Origin = { allowed: true; origin?: string } | { allowed: false; origin: string };

/** Which page sent the request, and may it? */
export type CheckOrigin = (request: IncomingMessage) => Origin;

/**
 * Judges on the server, because CORS only keeps a page from reading the answer: a beacon is sent without asking.
 *
 * Allowed is what the list names; without a list, in development every page, otherwise those of this very host. A
 * request that names no page is not a page's (a server's, or a command's), unless the browser says that it is
 * cross-site: an image on a page that hides its address.
 */
export function checkOrigin(
  list: readonly string[],
  { isDevelopment }: { isDevelopment: boolean },
): CheckOrigin {
  const allowed = new Set(list);
  return ({ headers }) => {
    // The usual case, without reading an address.
    if (headers.origin !== undefined && allowed.has(headers.origin)) {
      return { allowed: true, origin: headers.origin };
    }
    const origin = headers.origin === undefined ? originOf(headers.referer) : named(headers.origin);
    if (origin === undefined) {
      return headers["sec-fetch-site"] === "cross-site" && !(isDevelopment && allowed.size === 0)
        ? { allowed: false, origin: "a page that does not say which" }
        : { allowed: true };
    }
    const isAllowed = allowed.size > 0 ? allowed.has(origin) : isDevelopment || isOwn(origin, headers);
    return isAllowed ? { allowed: true, origin } : { allowed: false, origin };
  };
}

/** The page is on the host that it posts to, whichever scheme a proxy in front of us speaks. */
function isOwn(origin: string, { host }: IncomingHttpHeaders): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** As it is written where it is an origin: the text of a stranger stands in answers, warnings and the log otherwise. */
function named(origin: string): string {
  if (origin === "null") return origin;
  return URL.canParse(origin) && origin.length <= ORIGIN_CHARS_MAX ? new URL(origin).origin : "no origin";
}

function originOf(referer: string | undefined): string | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined;
}
