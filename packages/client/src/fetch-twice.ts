import { isOfFramework } from "./model-views-error.ts";

/**
 * Statuses of a proxy, or of a service that is just restarting; and 408, which a connection that was kept may bring when the
 * service had closed it just as the request went out. Whatever is sent again counts once: a view has its id and its time.
 */
const PASSING = new Set([408, 502, 503, 504]);

/** Fetches, and once more when nothing answers or the service is just away. */
export async function fetchTwice(
  fetch: typeof globalThis.fetch = globalThis.fetch,
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  try {
    const response = await fetch(url, init);
    // One that says when to come back is believed: that is later than anybody waits here.
    if (!PASSING.has(response.status) || response.headers.has("Retry-After")) return response;
    await response.body?.cancel();
  } catch (error) {
    if (init.signal.aborted || isOfFramework(error)) throw error;
  }
  return fetch(url, init);
}
