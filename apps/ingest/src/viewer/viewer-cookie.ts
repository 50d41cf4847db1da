import { VIEWER_COOKIE, VIEWER_COOKIE_SECONDS } from "@model-views/shared/contracts/viewer-identifier.ts";
import { parseCookie, stringifySetCookie } from "cookie";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Which requests carry the cookie. */
export type CookieReach = {
  /** Over HTTPS only. */
  isSecure: boolean;
  /** From pages of another site than this service (not just of another host of the same site). */
  isCrossSite: boolean;
};

/** The viewer's id in the request's cookies; undefined where there is none, or one that is not ours. */
export function viewerIdIn(cookieHeader: string | undefined): string | undefined {
  const id = cookieHeader === undefined ? undefined : parseCookie(cookieHeader)[VIEWER_COOKIE];
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** The header `Set-Cookie` that makes a browser known by this id for a year. */
export function viewerCookie(viewerId: string, reach: CookieReach): string {
  return stringifySetCookie({
    name: VIEWER_COOKIE,
    value: viewerId,
    path: "/",
    maxAge: VIEWER_COOKIE_SECONDS,
    httpOnly: true,
    ...attributesOf(reach),
  });
}

/**
 * Pages of another site need `SameSite=None`, which browsers take with `Secure` only;
 * `Partitioned` gives each site that embeds us a jar of its own, so that nobody is followed from one to the next
 * (https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies).
 */
function attributesOf({ isSecure, isCrossSite }: CookieReach) {
  return isCrossSite
    ? ({ sameSite: "none", secure: true, partitioned: true } as const)
    : ({ sameSite: "lax", secure: isSecure } as const);
}
