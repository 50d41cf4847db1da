/**
 * Posts a view of the open page, even while the visitor leaves it (`keepalive`). The page does not wait for the answer;
 * the browser shows a refusal on the console.
 *
 * Sent as text and not as JSON, which would need a preflight request. Its id makes it one view even when it arrives twice.
 * Not sent with `sendBeacon`: under the referrer policy `no-referrer`, some browsers then hide the page's origin.
 *
 * @param referrer address of the page before this one; empty when there was none, or when it was of this website.
 * @param token a signed page token, where ingest requires one.
 */
export function postView(
  url: string | URL,
  modelId: string,
  referrer: string,
  token: string | undefined,
): void {
  const body = JSON.stringify({
    modelId,
    // `crypto.randomUUID` is missing on pages without HTTPS; the address of each blob ends with a UUID.
    id: URL.createObjectURL(new Blob()).slice(-36),
    viewedAt: new Date(),
    referrer,
    path: location.pathname + location.search,
    token,
    automated: navigator.webdriver,
  });
  // `mode` is not set: its default is `cors`.
  fetch(url, { method: "POST", body, keepalive: true, credentials: "include" }).catch(() => {});
}
