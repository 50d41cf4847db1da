import type { IncomingMessage } from "node:http";
import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { CookieOptions, RequestHandler } from "express";
import type { Session, Sessions } from "./sessions.ts";

const NAME = "model_views_session";
/** Browsers take a cookie of this prefix only from this host, with TLS and without `Domain`: no other host of the site can set it. */
const NAME_OVER_TLS = `__Host-${NAME}`;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** What Express' response can do with cookies. */
type CookieJar = {
  cookie(name: string, value: string, options: CookieOptions): unknown;
  clearCookie(name: string, options: CookieOptions): unknown;
};

/** Where the session of a request is read, set and deleted. */
export type SessionCookie = {
  /** The session of a request without a key in its headers: a key counts, and then its cookie does not. */
  read(request: IncomingMessage): Session | undefined;
  set(request: IncomingMessage, response: CookieJar, text: string): void;
  clear(request: IncomingMessage, response: CookieJar): void;
};

/**
 * The cookie has no effect on another host or site: `SameSite=Strict`, no `Domain`. Scripts cannot read it. Where the page was
 * loaded with TLS it is `Secure`, and its name keeps other hosts of the same site from replacing it with another session.
 */
export function createSessionCookie(sessions: Sessions): SessionCookie {
  const attributes = (request: IncomingMessage) =>
    ({ httpOnly: true, sameSite: "strict", path: "/", secure: isOverTls(request) }) as const;
  return {
    read(request) {
      const { headers } = request;
      if (headers.authorization !== undefined) return undefined;
      const text = cookieOf(headers.cookie, nameFor(request));
      return text === undefined ? undefined : sessions.read(text);
    },
    set: (request, response, text) => void response.cookie(nameFor(request), text, attributes(request)),
    clear: (request, response) => void response.clearCookie(nameFor(request), attributes(request)),
  };
}

/**
 * Refuses what a page of another site could send with the cookie of a reader, though `SameSite` already keeps the cookie from it,
 * and renews sessions that are used.
 */
export function guardSession(cookie: SessionCookie, sessions: Sessions): RequestHandler {
  return (request, response, next) => {
    const session = cookie.read(request);
    if (session === undefined) return next();
    if (!SAFE_METHODS.has(request.method) && !isOfSamePage(request)) {
      request.resume();
      return sendProblem(response, problem("forbidden-origin", 403, NOT_OUR_PAGE));
    }
    if (session.mayBeRenewed) cookie.set(request, response, sessions.renew(session));
    next();
  };
}

export const NOT_OUR_PAGE = "With a session, only pages of this service may change something";

/** Whether a request comes from a page of this service, by what browsers say of every request that changes something. */
export function isOfSamePage({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Whether the browser used TLS, which ends in a proxy in front. The header may be forged: then only the sender's own cookie gets or
 * loses the attribute.
 */
function isOverTls({ headers, socket }: IncomingMessage): boolean {
  const [nearest] = String(headers["x-forwarded-proto"] ?? "").split(",");
  return "encrypted" in socket || nearest?.trim() === "https";
}

function nameFor(request: IncomingMessage): string {
  return isOverTls(request) ? NAME_OVER_TLS : NAME;
}

/** The value of a cookie. Of several with the same name, the first: browsers send that of the longest path first. */
function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const [key = "", ...value] = pair.split("=");
    if (key.trim() === name) return value.join("=").trim();
  }
  return undefined;
}
