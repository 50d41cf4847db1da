import { isUuid } from "./uuid.ts";

/** Cookie that holds a viewer's random id. */
const VIEWER_COOKIE = "viewer_id";
/** Seconds a viewer is remembered: one year. */
const VIEWER_COOKIE_SECONDS = 31_536_000;

/** How the cookie is set: scripts cannot read it, and other sites cannot send it along. */
export type ViewerCookieOptions = {
  httpOnly: true;
  sameSite: "lax";
  secure: boolean;
  maxAge: number;
  path: "/";
};

/** What is needed of Next.js' `cookies()`; any store like it will do, one that answers with promises too. */
export type CookieStore = {
  get(name: string): { value: string } | null | undefined | Promise<{ value: string } | null | undefined>;
  set(name: string, value: string, options: ViewerCookieOptions): unknown;
};

export type ViewerSettings = {
  /** The `VIEWER_ID_SALT` of ingest: with another one, the same cookie is another viewer. */
  salt: string;
  /** Whether the cookie goes over HTTPS only. */
  isProduction: boolean;
};

/**
 * The viewer by the cookie `viewer_id`, who gets one where there is none: `sha256(id + salt)` in hex, 64 characters.
 * Takes `cookies()` of Next.js as it is, a promise or not.
 *
 * Call it in a server action or a route handler: elsewhere Next.js lets nobody set a cookie, and throws.
 *
 * @throws {TypeError} when the salt is empty: without one, ids could be found by trying.
 */
export async function getOrCreateViewerIdentifier(
  cookies: CookieStore | Promise<CookieStore>,
  { salt, isProduction }: ViewerSettings,
): Promise<string> {
  if (!salt) throw new TypeError("A salt is needed to hash viewers with");
  const store = await cookies;
  const known = (await store.get(VIEWER_COOKIE))?.value;
  if (isUuid(known)) return sha256Hex(known + salt);
  const viewerId = crypto.randomUUID();
  await store.set(VIEWER_COOKIE, viewerId, {
    httpOnly: true,
    sameSite: "lax",
    secure: isProduction,
    maxAge: VIEWER_COOKIE_SECONDS,
    path: "/",
  });
  return sha256Hex(viewerId + salt);
}

/** By Web Crypto, which edge runtimes have too. */
async function sha256Hex(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
