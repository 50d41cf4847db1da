import { readCookie } from "./read-cookie.ts";
import type { CookieStore, ViewerCookieOptions } from "./viewer-identifier.ts";

// The entry `model-views-client/cookies`: makes a cookie store from the request and response of a framework.
// Next.js, SvelteKit and Astro have such a store already.

/** A request of `node:http` or of a framework that is built on it: Express, Fastify (`raw`), Connect. */
export type NodeRequest = { headers: { cookie?: string | undefined } };
export type NodeResponse = {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string[]): unknown;
};

/**
 * The cookies of a request and a response of Node or Express. Other cookies of the response stay. Setting one throws
 * after the headers of the response were sent.
 *
 * @example
 * ```ts
 * app.post("/models/:id/view", async (req, res) => {
 *   const viewer = await modelViews.getOrCreateViewerIdentifier(nodeCookies(req, res), req.headers);
 *   res.json(await modelViews.trackModelView(req.params.id, viewer));
 * });
 * ```
 */
export function nodeCookies(request: NodeRequest, response: NodeResponse): CookieStore {
  const setCookies = () => [response.getHeader("Set-Cookie") ?? []].flat().map(String);
  return {
    get: (name) => readSetCookie(setCookies(), name) ?? readCookie(request.headers.cookie, name),
    set: (name, value, options) =>
      void response.setHeader("Set-Cookie", [...setCookies(), writeSetCookie(name, value, options)]),
  };
}

/**
 * The cookies of a Fetch request and its response, by their headers: React Router, Hono, Bun, Deno, edge functions.
 *
 * @example
 * ```ts
 * const responseHeaders = new Headers();
 * const cookies = fetchCookies(request.headers, responseHeaders);
 * const viewer = await modelViews.getOrCreateViewerIdentifier(cookies, request.headers);
 * // The response must be created with these headers, which may have a `Set-Cookie` now.
 * return new Response(null, { status: 204, headers: responseHeaders });
 * ```
 */
export function fetchCookies(requestHeaders: Headers, responseHeaders: Headers): CookieStore {
  return {
    get: (name) =>
      readSetCookie(responseHeaders.getSetCookie(), name) ?? readCookie(requestHeaders.get("cookie"), name),
    set: (name, value, options) => responseHeaders.append("Set-Cookie", writeSetCookie(name, value, options)),
  };
}

/** An event of h3, version 1 or 2 (Nuxt, Nitro). */
export type H3Event =
  | { node: { req: NodeRequest; res: NodeResponse } }
  | { req: { headers: Headers }; res: { headers: Headers } };

/**
 * The cookies of an event of h3, version 1 or 2 (Nuxt, Nitro).
 *
 * @example
 * ```ts
 * export default defineEventHandler(async (event) => {
 *   const viewer = await modelViews.getOrCreateViewerIdentifier(h3Cookies(event), event.headers);
 *   return modelViews.trackModelView(getRouterParam(event, "id") ?? "", viewer);
 * });
 * ```
 */
export function h3Cookies(event: H3Event): CookieStore {
  // On Node version 2 also has `node`. Version 1 also has `req` and `res`, but they are those of Node.
  if ("res" in event && event.res.headers instanceof Headers) {
    return fetchCookies(event.req.headers, event.res.headers);
  }
  const { req, res } = (event as { node: { req: NodeRequest; res: NodeResponse } }).node;
  return nodeCookies(req, res);
}

function writeSetCookie(
  name: string,
  value: string,
  { maxAge, path, httpOnly, sameSite, secure }: ViewerCookieOptions,
): string {
  const attributes = [
    `${name}=${encodeURIComponent(value)}`,
    `Max-Age=${maxAge}`,
    `Path=${path}`,
    httpOnly ? "HttpOnly" : "",
    `SameSite=${sameSite === "lax" ? "Lax" : sameSite}`,
    secure ? "Secure" : "",
  ];
  return attributes.filter((attribute) => attribute !== "").join("; ");
}

/** The value that a response sets for a cookie. Of several the last one, as in browsers. */
function readSetCookie(setCookies: readonly string[], name: string): string | undefined {
  return setCookies
    .map((setCookie) => readCookie(setCookie.split(";")[0], name))
    .filter((value) => value !== undefined)
    .at(-1);
}
