/** One of the two services that an import talks to. */
export type Service = {
  name: "ingest" | "stats-api";
  /** Ends with a slash; the routes are relative to it. */
  url: string;
  /** Sent as `Authorization: Bearer`; undefined where development needs none. */
  key: string | undefined;
  /** Where the key, and another address, would come from. */
  keyVariable: "SERVER_KEYS" | "ADMIN_KEYS";
  option: "--ingest" | "--stats";
};

/** Milliseconds that an answer may take. */
const ANSWER_MS_MAX = 30_000;

/** What became of one request: an answer, or the reason why none came. */
export type Sent =
  | { kind: "answer"; status: number; retryAfter: string | undefined; text: string }
  | { kind: "silence"; reason: string };

/** A request: its path without the leading slash, with its query string. */
export type ServiceRequest = { method: "GET" | "PUT" | "POST"; path: string; body?: string };

/** Sends one request, once. Rejects only when `signal` was aborted. */
export async function send(
  { url, key }: Service,
  { method, path, body }: ServiceRequest,
  signal: AbortSignal,
): Promise<Sent> {
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body }),
      // Followed, a POST could silently become a GET.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    const retryAfter = response.headers.get("retry-after") ?? undefined;
    return { kind: "answer", status: response.status, retryAfter, text: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "silence", reason: reasonOf(error) };
  }
}

/** `fetch` says "fetch failed", and the reason is its cause's. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
