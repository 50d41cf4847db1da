import { type RequestHeaders, readHeader } from "./request-headers.ts";

/** Headers whose value marks a prefetch. */
const PURPOSES = ["sec-purpose", "purpose", "x-purpose", "x-sec-purpose", "x-moz"];

/** Headers that only a prefetch has: of Next.js' routers, and of htmx. */
const MARKS = [
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "x-middleware-prefetch",
  "hx-preloaded",
];

/**
 * Whether a request only prefetches a page: by the browser (`<link rel="prefetch">`, speculation rules) or by a router that
 * sends a header for it (Next.js, Turbo, Inertia, htmx).
 *
 * False does not mean that a person sees the page. SvelteKit's preload on hover looks like a visit, Next.js hides its own
 * headers from server components and from proxy.ts, and a `HEAD` request runs the same handlers as a `GET`. So do not
 * count in code that renders a page. Count in the browser (script, `TrackView`) or in a handler that the page posts to.
 *
 * @example
 * ```ts
 * export async function POST(request: Request) {
 *   if (isPrefetch(request.headers)) return new Response(null, { status: 204 });
 *   return Response.json(await modelViews.trackModelView(modelId, viewer));
 * }
 * ```
 */
export function isPrefetch(headers: RequestHeaders): boolean {
  return (
    PURPOSES.some((name) => /\b(prefetch|prerender|preview)\b/i.test(readHeader(headers, name) ?? "")) ||
    MARKS.some((name) => readHeader(headers, name) !== undefined)
  );
}
