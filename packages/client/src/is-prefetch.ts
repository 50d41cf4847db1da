import { type RequestHeaders, readHeader } from "./request-headers.ts";

/** Headers whose value says that a page is only fetched ahead. */
const PURPOSES = ["sec-purpose", "purpose", "x-purpose", "x-sec-purpose", "x-moz"];

/** Headers that only come with a request made ahead: of Next.js' routers, and of htmx. */
const MARKS = [
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "x-middleware-prefetch",
  "hx-preloaded",
];

/**
 * Whether a request only fetches a page ahead: by the browser (`<link rel="prefetch">`, speculation rules) or by a router
 * that says so (Next.js, Turbo, Inertia, htmx).
 *
 * False does not mean that a person sees the page. SvelteKit's preload on hover looks like a visit, Next.js hides its own
 * headers from server components and from proxy.ts, and a `HEAD` request runs the same handlers as a `GET`. So do not
 * count in what renders a page: count in the browser (script, `TrackView`) or in what the page posts to.
 */
export function isPrefetch(headers: RequestHeaders): boolean {
  return (
    PURPOSES.some((name) => /\b(prefetch|prerender|preview)\b/i.test(readHeader(headers, name) ?? "")) ||
    MARKS.some((name) => readHeader(headers, name) !== undefined)
  );
}
