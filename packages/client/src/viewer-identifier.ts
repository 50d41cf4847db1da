import { ModelViewsError } from "./model-views-error.ts";
import { asksForPrivacy } from "./privacy-signals.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { isUuid } from "./uuid.ts";

/** Cookie that holds a viewer's random id. */
export const VIEWER_COOKIE = "viewer_id";
/** Seconds a viewer is remembered: one year. */
const VIEWER_COOKIE_SECONDS = 31_536_000;

/** How the cookie is set: scripts cannot read it, and other sites cannot send it along. */
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
 * `get` gives the cookie's value, as a text or as `{ value }`, and after a `set` the new one. `set` adds a `Set-Cookie`
 * to the response with exactly these options, and throws when that is not possible any more.
 */
export type CookieStore = Pick<CookieReader, "get"> & {
  set(name: string, value: string, options: ViewerCookieOptions): unknown;
};

/** What is needed of a {@link CookieStore} to read a cookie. */
export type CookieReader = {
  get(name: string): MaybePromise<{ value: string } | string | null | undefined>;
};

type MaybePromise<T> = T | Promise<T>;

export type ViewerSettings = {
  /** The `VIEWER_ID_SALT` of ingest: with another one, the same cookie is another viewer. */
  salt: string;
  /** Whether the cookie goes over HTTPS only. */
  isProduction: boolean;
};

/**
 * The viewer by the cookie `viewer_id`, which is set where it is missing: `sha256(id + salt)` in hex, 64 characters.
 * Takes `cookies()` of Next.js as it is, a promise or not.
 *
 * With the request's `headers`, `Sec-GPC: 1` and `DNT: 1` are honoured: no cookie is read or set, and the answer is null,
 * which `trackModelView` takes. Call it where a cookie can be set: in Next.js a server action or a route handler.
 *
 * @throws {ModelViewsError} `not-configured` when the salt is empty: without one, ids could be found by trying.
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
  if (await asksNotToBeKnown(headers)) return null;
  return sha256Hex((await readOrSetViewerId(await cookies, isProduction)) + salt);
}

/**
 * The same viewer without setting a cookie, so that it can be called while a page renders. Null without a cookie, and
 * with `headers` that ask for privacy.
 *
 * @throws {ModelViewsError} `not-configured` when the salt is empty.
 */
export async function getViewerIdentifier(
  cookies: MaybePromise<CookieReader>,
  { salt }: Pick<ViewerSettings, "salt">,
  headers?: MaybePromise<RequestHeaders>,
): Promise<string | null> {
  checkSalt(salt);
  if (await asksNotToBeKnown(headers)) return null;
  const viewerId = await readViewerId(await cookies);
  return viewerId === undefined ? null : sha256Hex(viewerId + salt);
}

function checkSalt(salt: string): void {
  if (salt) return;
  throw new ModelViewsError("viewerIdSalt is not set: viewers are hashed with it", {
    code: "not-configured",
  });
}

async function asksNotToBeKnown(headers: MaybePromise<RequestHeaders> | undefined): Promise<boolean> {
  const asked = await headers;
  return asked !== undefined && asksForPrivacy(asked);
}

async function readViewerId(cookies: CookieReader): Promise<string | undefined> {
  const cookie = await cookies.get(VIEWER_COOKIE);
  const viewerId = typeof cookie === "string" ? cookie : cookie?.value;
  return isUuid(viewerId) ? viewerId : undefined;
}

/** What is being read or set right now: calls at the same time in one request are one viewer. */
const pending = new WeakMap<CookieStore, Promise<string>>();

function readOrSetViewerId(cookies: CookieStore, isProduction: boolean): Promise<string> {
  async function readOrSet(): Promise<string> {
    const known = await readViewerId(cookies);
    if (known !== undefined) return known;
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

/** By Web Crypto, which edge runtimes have too. */
async function sha256Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
