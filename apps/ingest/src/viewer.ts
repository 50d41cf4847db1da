import { randomUUID } from "node:crypto";
import {
  VIEWER_COOKIE,
  VIEWER_COOKIE_SECONDS,
  viewerIdentifierOf,
} from "@model-views/shared/viewer-identifier.ts";
import type { PostedView } from "@model-views/shared/views.ts";
import { parseCookie, stringifySetCookie } from "cookie";

/** A viewer known by cookie: what is stored, and the cookie to set when there was none. */
export type CookieViewer = { viewerIdentifier: string; setCookie?: string };

export type ViewerSettings = { salt: string; isSecure: boolean };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The viewer that a server names, by the website's own id or as stored; undefined when it names none. */
export function namedViewer(
  { viewerIdentifier, viewerId }: Pick<PostedView, "viewerIdentifier" | "viewerId">,
  { salt }: ViewerSettings,
): string | undefined {
  return viewerIdentifier ?? (viewerId === undefined ? undefined : viewerIdentifierOf(viewerId, salt));
}

/** The viewer by the cookie; one without gets it with the answer. */
export function cookieViewer(
  cookieHeader: string | undefined,
  { salt, isSecure }: ViewerSettings,
): CookieViewer {
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
      sameSite: "lax",
      secure: isSecure,
    }),
  };
}
