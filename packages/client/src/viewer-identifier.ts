import { ModelViewsError } from "./model-views-error.ts";
import { asksForPrivacy } from "./privacy-signals.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { isUuid } from "./uuid.ts";

/** Cookie that holds a viewer's random id. */
export const VIEWER_COOKIE = "viewer_id";
/** How long the cookie lasts, in seconds: one year. */
const VIEWER_COOKIE_SECONDS = 31_536_000;

/** How the cookie is set: scripts cannot read it, and requests from other sites do not carry it. */
export type ViewerCookieOptions = {
  httpOnly: true;
  sameSite: "lax";
  secure: boolean;
  /** Seconds, as in the header `Set-Cookie`. (`res.cookie` of Express takes milliseconds: use `nodeCookies`.) */
  maxAge: number;
  path: "/";
};

/**
 * The cookies of one request and its response, with promises or without. `cookies()` of Next.js and the `cookies` of
 * SvelteKit and Astro are such stores; `model-views-client/cookies` makes one for the others.
 *
 * `get` returns the cookie's value, as a text or as `{ value }`; after a `set` it returns the new one. `set` adds a
 * `Set-Cookie` with exactly these options to the response, and throws when it is too late for that.
 */
export type CookieStore = Pick<CookieReader, "get"> & {
  set(name: string, value: string, options: ViewerCookieOptions): unknown;
};

/** The part of a {@link CookieStore} that reads cookies. */
export type CookieReader = {
  get(name: string): MaybePromise<{ value: string } | string | null | undefined>;
};

type MaybePromise<T> = T | Promise<T>;

export type ViewerSettings = {
  /** The `VIEWER_ID_SALT` of ingest. With another salt, the same cookie gives another viewer. */
  salt: string;
  /** Whether the cookie goes over HTTPS only. */
  isProduction: boolean;
};

/**
 * Identifies the viewer by the cookie `viewer_id`, and sets the cookie where it is missing. Returns `sha256(id + salt)` in
 * hex, 64 characters. Accepts `cookies()` of Next.js, a promise or not.
 *
 * With the request's `headers`, `Sec-GPC: 1` and `DNT: 1` are honoured: no cookie is read or set, and the result is null,
 * which `trackModelView` accepts. Call it where a cookie can be set: in Next.js a server action or a route handler.
 *
 * @throws {ModelViewsError} `not-configured` when the salt is empty: without a salt, ids could be guessed.
 *
 * @example
 * ```ts
 * const settings = { salt: process.env.VIEWER_ID_SALT ?? "", isProduction: true };
 * const viewer = await getOrCreateViewerIdentifier(cookies(), settings, headers());
 * ```
 */
export async function getOrCreateViewerIdentifier(
  cookies: MaybePromise<CookieStore>,
  settings: ViewerSettings,
): Promise<string>;
export async function getOrCreateViewerIdentifier(
  cookies: MaybePromise<CookieStore>,
  settings: ViewerSettings,
  headers: MaybePromise<RequestHeaders> | undefined,
): Promise<string | null>;
export async function getOrCreateViewerIdentifier(
  cookies: MaybePromise<CookieStore>,
  { salt, isProduction }: ViewerSettings,
  headers?: MaybePromise<RequestHeaders>,
): Promise<string | null> {
  checkSalt(salt);
  if (await optsOut(headers)) return null;
  return sha256Hex((await readOrSetViewerId(await cookies, isProduction)) + salt);
}

/**
 * Identifies the same viewer without setting a cookie, so it can be called while a page renders. Null without a cookie,
 * and with `headers` that ask for privacy.
 *
 * @throws {ModelViewsError} `not-configured` when the salt is empty.
 */
export async function getViewerIdentifier(
  cookies: MaybePromise<CookieReader>,
  { salt }: Pick<ViewerSettings, "salt">,
  headers?: MaybePromise<RequestHeaders>,
): Promise<string | null> {
  checkSalt(salt);
  if (await optsOut(headers)) return null;
  const viewerId = await readViewerId(await cookies);
  return viewerId === undefined ? null : sha256Hex(viewerId + salt);
}

function checkSalt(salt: string): void {
  if (salt) return;
  throw new ModelViewsError("viewerIdSalt is not set: viewers are hashed with it", {
    code: "not-configured",
  });
}

async function optsOut(headers: MaybePromise<RequestHeaders> | undefined): Promise<boolean> {
  const requestHeaders = await headers;
  return requestHeaders !== undefined && asksForPrivacy(requestHeaders);
}

async function readViewerId(cookies: CookieReader): Promise<string | undefined> {
  const cookie = await cookies.get(VIEWER_COOKIE);
  const viewerId = typeof cookie === "string" ? cookie : cookie?.value;
  return isUuid(viewerId) ? viewerId : undefined;
}

/** Cookies that are being read or set. Calls at the same time in one request get the same viewer. */
const pending = new WeakMap<CookieStore, Promise<string>>();

function readOrSetViewerId(cookies: CookieStore, isProduction: boolean): Promise<string> {
  async function readOrSet(): Promise<string> {
    const present = await readViewerId(cookies);
    if (present !== undefined) return present;
    const viewerId = crypto.randomUUID();
    await cookies.set(VIEWER_COOKIE, viewerId, viewerCookieOptions(isProduction));
    return viewerId;
  }
  const viewerId = pending.get(cookies) ?? readOrSet().finally(() => pending.delete(cookies));
  pending.set(cookies, viewerId);
  return viewerId;
}

export function viewerCookieOptions(isProduction: boolean): ViewerCookieOptions {
  return {
    httpOnly: true,
    sameSite: "lax",
    secure: isProduction,
    maxAge: VIEWER_COOKIE_SECONDS,
    path: "/",
  };
}

/** Uses Web Crypto, because edge runtimes have it too. */
async function sha256Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
