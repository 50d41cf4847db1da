import { uuidV7 } from "../uuid-v7.ts";

/** Characters of `referrer` and `path`: both are ASCII, so nothing is cut in two that belongs together. */
const URL_CHARS_MAX = 2_000;

type BrowserView = {
  modelId: string;
  /** Address of the page before this one; empty when there was none. */
  referrer: string;
  /** A signed page token, where ingest asks for one. */
  token: string | undefined;
};

/**
 * Posts a view of the page that is open, also when that page is just being left. Nobody waits for an answer: whether
 * it arrives is between the browser and ingest.
 *
 * Text and not JSON, so that no preflight comes before it. Its id makes it one view however often it arrives.
 */
export function postView(url: string, { modelId, referrer, token }: BrowserView): void {
  const now = Date.now();
  const body = JSON.stringify({
    modelId,
    id: uuidV7(now),
    viewedAt: new Date(now).toISOString(),
    referrer: referrer.slice(0, URL_CHARS_MAX),
    path: (location.pathname + location.search).slice(0, URL_CHARS_MAX),
    token,
  });
  try {
    if (navigator.sendBeacon(url, body)) return;
  } catch {
    // There is none, or something has taken its place: the other way may be open.
  }
  // `cors` is what fetch does unless told otherwise.
  fetch(url, { method: "POST", body, keepalive: true, credentials: "include" }).catch(() => {});
}
