import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Characters of an origin to repeat in answers and logs: a DNS name has at most 253. */
const ORIGIN_CHARS_MAX = 300;

/** Whether the page that sent a request may do so. `origin` is the one to name in the answer, for CORS. */
export type Origin = { allowed: true; origin?: string } | { allowed: false; origin: string };

/** Checks which page sent a request, and whether it may. */
export type CheckOrigin = (request: IncomingMessage) => Origin;

/**
 * Checks on the server, because CORS only keeps a page from reading the answer: a beacon is sent without asking.
 *
 * Pages of the listed origins are allowed. Without a list, every page in development, and otherwise the pages of the
 * host that the request was sent to. A request without an origin comes from a server or a command, unless the browser
 * marks it as cross-site: an image on a page that hides its address.
 */
export function checkOrigin(
  list: readonly string[],
  { isDevelopment }: { isDevelopment: boolean },
): CheckOrigin {
  const allowed = new Set(list);
  return ({ headers }) => {
    // The usual case, without parsing an address.
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

/** The page is on the host that it posts to, with any scheme: a proxy in front may use another one than we see. */
function isOwn(origin: string, { host }: IncomingHttpHeaders): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** Normalises the origin, because answers, warnings and logs repeat it and its sender may write any text. */
function named(origin: string): string {
  if (origin === "null") return origin;
  return URL.canParse(origin) && origin.length <= ORIGIN_CHARS_MAX ? new URL(origin).origin : "no origin";
}

function originOf(referer: string | undefined): string | undefined {
  return referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined;
}
