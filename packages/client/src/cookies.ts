import { readCookie } from "./read-cookie.ts";
import type { CookieStore, ViewerCookieOptions } from "./viewer-identifier.ts";

// What `import … from "model-views-client/cookies"` offers: cookie stores of what frameworks hand to a request's handler.
// Next.js, SvelteKit and Astro have such a store themselves.

/** A request and a response of `node:http`, and of what is built on it: Express, Fastify's `raw`, Connect. */
export type NodeRequest = { headers: { cookie?: string | undefined } };
export type NodeResponse = {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string[]): unknown;
};

/**
 * Cookies of a request and a response of Node, and of Express: `nodeCookies(req, res)`. Other cookies of the response
 * stay. To set one throws when the response's headers are sent.
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
 * Cookies of a Fetch request's headers and of the headers of the response that will answer it: React Router, Hono, Bun,
 * Deno, edge functions. The response must be made with these headers.
 */
export function fetchCookies(requestHeaders: Headers, responseHeaders: Headers): CookieStore {
  return {
    get: (name) =>
      readSetCookie(responseHeaders.getSetCookie(), name) ?? readCookie(requestHeaders.get("cookie"), name),
    set: (name, value, options) => responseHeaders.append("Set-Cookie", writeSetCookie(name, value, options)),
  };
}

/** An event of h3 (Nuxt, Nitro): version 1, or version 2. */
export type H3Event =
  | { node: { req: NodeRequest; res: NodeResponse } }
  | { req: { headers: Headers }; res: { headers: Headers } };

/** Cookies of an event of h3, version 1 or 2: Nuxt, Nitro. */
export function h3Cookies(event: H3Event): CookieStore {
  // Version 2 has `node` too, where it runs on Node; version 1 has `req` and `res` too, but those of Node.
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

/** The value that a response sets; of several the last one, as browsers take it. */
function readSetCookie(setCookies: readonly string[], name: string): string | undefined {
  return setCookies
    .map((setCookie) => readCookie(setCookie.split(";")[0], name))
    .filter((value) => value !== undefined)
    .at(-1);
}
