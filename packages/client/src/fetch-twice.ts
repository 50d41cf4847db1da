import { isOfFramework } from "./model-views-error.ts";

/**
 * Statuses of a proxy or of a service that is restarting. 408 comes on a kept-alive connection that the service closed
 * while the request was on its way. A view that is sent twice counts once, because it has an id and a time.
 */
const RETRIED_STATUSES = new Set([408, 502, 503, 504]);

/** Fetches, and once more when there is no answer or a status of {@link RETRIED_STATUSES}. */
export async function fetchTwice(
  fetch: typeof globalThis.fetch = globalThis.fetch,
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  try {
    const response = await fetch(url, init);
    // A service that names a time to retry at means a later time than any call here waits for.
    if (!RETRIED_STATUSES.has(response.status) || response.headers.has("Retry-After")) return response;
    await response.body?.cancel();
  } catch (error) {
    if (init.signal.aborted || isOfFramework(error)) throw error;
  }
  return fetch(url, init);
}
