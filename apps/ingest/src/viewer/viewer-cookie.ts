import { VIEWER_COOKIE, VIEWER_COOKIE_SECONDS } from "@model-views/shared/contracts/viewer-identifier.ts";
import { parseCookie, stringifySetCookie } from "cookie";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Which requests send the cookie. */
export type CookieReach = {
  /** Over HTTPS only. */
  isSecure: boolean;
  /** From pages of another site than this service (not just another host of the same site). */
  isCrossSite: boolean;
};

/** The viewer's id in the request's cookies. Undefined if there is none, or if it is not a UUID. */
export function viewerIdIn(cookieHeader: string | undefined): string | undefined {
  const id = cookieHeader === undefined ? undefined : parseCookie(cookieHeader)[VIEWER_COOKIE];
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** The header `Set-Cookie` that lets a browser be recognised by this id for a year. */
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
 * Pages of another site need `SameSite=None`, which browsers accept only with `Secure`. `Partitioned` gives each site
 * that embeds us separate cookies, so that viewers cannot be tracked across sites
 * (https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies).
 */
function attributesOf({ isSecure, isCrossSite }: CookieReach) {
  return isCrossSite
    ? ({ sameSite: "none", secure: true, partitioned: true } as const)
    : ({ sameSite: "lax", secure: isSecure } as const);
}
