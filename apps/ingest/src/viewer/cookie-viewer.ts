import { randomUUID } from "node:crypto";
import {
  VIEWER_COOKIE,
  VIEWER_COOKIE_SECONDS,
  viewerIdentifierOf,
} from "@model-views/shared/viewer-identifier.ts";
import { parseCookie, stringifySetCookie } from "cookie";
import type { Viewer, ViewerSettings } from "./viewer-of.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The viewer by the cookie; one without gets it with the answer. */
export function cookieViewer(
  cookieHeader: string | undefined,
  { salt, isSecure, isCrossSite }: Pick<ViewerSettings, "salt" | "isSecure" | "isCrossSite">,
): Viewer {
  const known = cookieHeader === undefined ? undefined : parseCookie(cookieHeader)[VIEWER_COOKIE];
  if (known !== undefined && UUID.test(known)) return { viewerIdentifier: viewerIdentifierOf(known, salt) };
  const viewerId = randomUUID();
  return {
    viewerIdentifier: viewerIdentifierOf(viewerId, salt),
    setCookie: stringifySetCookie({
      name: VIEWER_COOKIE,
      value: viewerId,
      path: "/",
      maxAge: VIEWER_COOKIE_SECONDS,
      httpOnly: true,
      ...reach({ isSecure, isCrossSite }),
    }),
  };
}

/**
 * Which requests carry the cookie. Pages of another site need `SameSite=None`, which browsers take with `Secure` only;
 * `Partitioned` gives each site that embeds us a jar of its own, so that nobody is followed from one to the next
 * (https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies).
 */
function reach({ isSecure, isCrossSite }: Pick<ViewerSettings, "isSecure" | "isCrossSite">) {
  return isCrossSite
    ? ({ sameSite: "none", secure: true, partitioned: true } as const)
    : ({ sameSite: "lax", secure: isSecure } as const);
}
