import { addressOf, orUnreachable, type Service } from "./ask-service.ts";
import type { Settings } from "./config.ts";
import { fetchTwice } from "./fetch-twice.ts";
import { ingestPath } from "./ingest-paths.ts";
import { readIpAddress } from "./ip-address.ts";
import { ModelViewsError } from "./model-views-error.ts";
import { readCookie } from "./read-cookie.ts";
import { reportError } from "./report-error.ts";
import { isUuid } from "./uuid.ts";
import { VIEWER_COOKIE } from "./viewer-identifier.ts";
import { within } from "./within.ts";

/** Bytes of a posted view, as many as ingest takes. */
const BODY_BYTES_MAX = 32 * 1024;
/** Of ingest's answer in a warning. */
const DETAIL_CHARS_MAX = 300;

/** How far a browser's clock may be off for ingest to believe it is 5 minutes: less, for the second try comes later. */
const BELIEVED_MS = 240_000;

/** What of a browser's request ingest is to know. Everything else, other cookies above all, stays with the website. */
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

/** What of ingest's answer is the browser's. */
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
   * The visitor's address, as the website's own proxy tells it: also with a port, in brackets or in a list. Null where it
   * is not known: then all such visitors have the website's address, and ingest warns of it.
   */
  clientAddress: string | null | undefined;
};

/**
 * Passes a browser's request on to ingest, and ingest's answer back: status, body and cookie. A post without an answer is
 * tried a second time when it carries an id, by which it counts once. It goes on when the visitor leaves.
 *
 * Answers 404 when a browser has nothing to ask for there, 400 when the body cannot be read, 413 when it has more than
 * 32 KB, and 503 when ingest does not answer within `timeoutMs`. Never rejects.
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
    return await askIngest(settings, {
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

async function askIngest(
  { ingest, call, onError }: Settings,
  { pathAndQuery, init }: IngestRequest,
): Promise<Response> {
  const url = addressOf(ingest) + pathAndQuery;
  const ask = isRepeatable(init.body) ? fetchTwice : fetchOnce;
  return orUnreachable(ingest, () =>
    within(call.timeoutMs, undefined, async (signal) => {
      const response = await ask(call.fetch, url, { ...init, redirect: "manual", cache: "no-store", signal });
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

function headersFor({ key }: Service, asked: Headers, clientAddress: string | null | undefined): Headers {
  // Without these two, Node's fetch would name itself as the visitor's browser.
  const headers = new Headers({ "user-agent": "", "accept-language": "" });
  copyHeaders(asked, headers, REQUEST_HEADERS);
  const viewerId = readCookie(asked.get("cookie"), VIEWER_COOKIE);
  if (isUuid(viewerId)) headers.set("cookie", `${VIEWER_COOKIE}=${viewerId}`);
  if (key) headers.set("authorization", `Bearer ${key}`);
  // Always, because this header says that it is a browser's request; ingest tells its owner of what is no address.
  headers.set("model-views-client-address", readIpAddress(clientAddress) ?? "unknown");
  return headers;
}

/** The posted text, or an answer that says what is wrong with it. */
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
    // The visitor is gone, or something has read the body before.
    return problem(400, "The body cannot be read");
  }
  return text + decoder.decode();
}

/**
 * Whether posting it again counts it once: it has an id, and a time that ingest believes. Of another time ingest takes its
 * own in place, each time another one.
 */
function isRepeatable(body: string | null): boolean {
  try {
    const { id, viewedAt } = JSON.parse(body ?? "");
    const offMs = Math.abs(Date.parse(viewedAt) - Date.now());
    return typeof id === "string" && offMs < BELIEVED_MS;
  } catch {
    return false;
  }
}

function fetchOnce(
  fetch: typeof globalThis.fetch = globalThis.fetch,
  url: string,
  init: RequestInit,
): Promise<Response> {
  return fetch(url, init);
}

/** A key or an origin that ingest does not take, or a service that is away: nothing that a visitor could mend. */
function isOurFault(status: number): boolean {
  return status === 401 || status === 403 || status >= 500;
}

/** 0 is what browsers' kind of `fetch` makes of a redirect. */
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

/** An answer of the website's, in the form of ingest's problems (RFC 9457). */
function problem(status: number, detail: string): Response {
  const headers = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };
  return new Response(JSON.stringify({ status, detail }), { status, headers });
}
