import { addressOf, orUnreachable } from "./call-service.ts";
import type { Service, Settings } from "./config.ts";
import { fetchTwice } from "./fetch-twice.ts";
import { ingestPath } from "./ingest-paths.ts";
import { readIpAddress } from "./ip-address.ts";
import { isRepeatable } from "./is-repeatable.ts";
import { ModelViewsError } from "./model-views-error.ts";
import { readCookie } from "./read-cookie.ts";
import { reportError } from "./report-error.ts";
import { isUuid } from "./uuid.ts";
import { VIEWER_COOKIE } from "./viewer-identifier.ts";
import { within } from "./within.ts";

/** The largest body of a posted view, in bytes: the same limit as at ingest. */
const BODY_BYTES_MAX = 32 * 1024;
/** How much of ingest's answer a warning quotes. */
const DETAIL_CHARS_MAX = 300;

/** The headers of a browser's request that ingest gets. All others, other cookies above all, stay with the website. */
const REQUEST_HEADERS = [
  "accept-language",
  "content-type",
  "dnt",
  "if-modified-since",
  "if-none-match",
  "origin",
  "purpose",
  "referer",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "sec-gpc",
  "sec-purpose",
  "user-agent",
  "x-moz",
];

/** The headers of ingest's answer that the browser gets. */
const RESPONSE_HEADERS = [
  "cache-control",
  "content-type",
  "etag",
  "last-modified",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "x-content-type-options",
];

export type PassOnOptions = {
  /**
   * The visitor's address, from a header that the website's own proxy sets. It may have a port, be in brackets or in a
   * list. Null where there is none: then all such visitors have the website's address, and ingest logs a warning.
   */
  clientAddress: string | null | undefined;
};

/**
 * Passes a browser's request on to ingest, and returns ingest's answer: status, body and cookie. A post without an answer
 * is tried a second time when the view has an id, so it counts once. The request continues when the visitor leaves.
 *
 * The answer is 404 for a path that is not ingest's, 400 when the body cannot be read, 413 when it has more than 32 KB, and
 * 503 when ingest does not answer within `timeoutMs`. Never rejects.
 */
export async function passViewOn(
  settings: Settings,
  request: Request,
  { clientAddress }: PassOnOptions,
): Promise<Response> {
  const { method, headers } = request;
  const path = ingestPath(request, settings.paths);
  if (path === undefined) return problem(404, "Browsers find nothing here");
  const body = method === "POST" ? await readBody(request) : undefined;
  if (body instanceof Response) return body;
  try {
    return await requestIngest(settings, {
      pathAndQuery: path + new URL(request.url).search,
      init: { method, headers: headersFor(settings.ingest, headers, clientAddress), body: body ?? null },
    });
  } catch (error) {
    reportError(settings.onError, error);
    return problem(503, "Ingest is away: the view was not counted");
  }
}

type IngestRequest = {
  pathAndQuery: string;
  init: { method: string; headers: Headers; body: string | null };
};

async function requestIngest(
  { ingest, call, onError }: Settings,
  { pathAndQuery, init }: IngestRequest,
): Promise<Response> {
  const url = addressOf(ingest) + pathAndQuery;
  const send = isRepeatable(init.body) ? fetchTwice : fetchOnce;
  return orUnreachable(ingest, () =>
    within(call.timeoutMs, undefined, async (signal) => {
      const response = await send(call.fetch, url, {
        ...init,
        redirect: "manual",
        cache: "no-store",
        signal,
      });
      const { status } = response;
      if (isRedirect(status)) {
        throw new ModelViewsError(`ingest answered ${status}: is its address right?`, {
          code: "refused",
          status,
        });
      }
      const content = await response.arrayBuffer();
      if (isOurFault(status)) reportError(onError, refusal(status, content));
      return passBack(response, content);
    }),
  );
}

function headersFor({ key }: Service, received: Headers, clientAddress: string | null | undefined): Headers {
  // Without these two, Node's fetch would send its own values, and ingest would take them for the visitor's.
  const headers = new Headers({ "user-agent": "", "accept-language": "" });
  copyHeaders(received, headers, REQUEST_HEADERS);
  const viewerId = readCookie(received.get("cookie"), VIEWER_COOKIE);
  if (isUuid(viewerId)) headers.set("cookie", `${VIEWER_COOKIE}=${viewerId}`);
  if (key) headers.set("authorization", `Bearer ${key}`);
  // Always set, because this header marks the request as a browser's. Ingest logs a warning when it is no address.
  headers.set("model-views-client-address", readIpAddress(clientAddress) ?? "unknown");
  return headers;
}

/** The posted text, or the answer to a body that is too large or cannot be read. */
async function readBody(request: Request): Promise<string | Response> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  try {
    const reader = request.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      bytes += part.value.byteLength;
      if (bytes > BODY_BYTES_MAX) {
        await reader?.cancel();
        return problem(413, `A view has at most ${BODY_BYTES_MAX} bytes`);
      }
      text += decoder.decode(part.value, { stream: true });
    }
  } catch {
    // The visitor has left, or the website has read the body before.
    return problem(400, "The body cannot be read");
  }
  return text + decoder.decode();
}

function fetchOnce(
  fetch: typeof globalThis.fetch = globalThis.fetch,
  url: string,
  init: RequestInit,
): Promise<Response> {
  return fetch(url, init);
}

/** Whether the website has to act: ingest refused its key or its origin, or is down. */
function isOurFault(status: number): boolean {
  return status === 401 || status === 403 || status >= 500;
}

/** Status 0 is a redirect in runtimes whose `fetch` works as in browsers. */
function isRedirect(status: number): boolean {
  return status === 0 || (status >= 300 && status < 400 && status !== 304);
}

function refusal(status: number, content: ArrayBuffer): ModelViewsError {
  const detail = new TextDecoder().decode(content).slice(0, DETAIL_CHARS_MAX);
  return new ModelViewsError(`ingest answered ${status}: ${detail}`, { code: "refused", status });
}

function passBack(response: Response, content: ArrayBuffer): Response {
  const headers = new Headers();
  copyHeaders(response.headers, headers, RESPONSE_HEADERS);
  for (const cookie of response.headers.getSetCookie()) headers.append("set-cookie", cookie);
  return new Response(content.byteLength === 0 ? null : content, { status: response.status, headers });
}

function copyHeaders(from: Headers, to: Headers, names: readonly string[]): void {
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) to.set(name, value);
  }
}

/** An answer by the website itself, in the form of ingest's problem answers (RFC 9457). */
function problem(status: number, detail: string): Response {
  const headers = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };
  return new Response(JSON.stringify({ status, detail }), { status, headers });
}
