/**
 * Posts a view of the page that is open, also when that page is just being left: `keepalive`. The page does not wait
 * for the answer; a refusal is put on the console by the browser.
 *
 * Text and not JSON, so that no preflight comes before it. Its id makes it one view however often it arrives. Not by
 * `sendBeacon`: under the referrer policy `no-referrer`, some browsers hide the page's origin from ingest then.
 *
 * @param referrer address of the page before this one; empty when there was none, or when it was of this website.
 * @param token a signed page token, where ingest asks for one.
 */
export function postView(
  url: string | URL,
  modelId: string,
  referrer: string,
  token: string | undefined,
): void {
  const body = JSON.stringify({
    modelId,
    // `crypto.randomUUID` is missing on pages that are not served over HTTPS; each address of a blob ends with a UUID.
    id: URL.createObjectURL(new Blob()).slice(-36),
    viewedAt: new Date(),
    referrer,
    path: location.pathname + location.search,
    token,
    automated: navigator.webdriver,
  });
  // `cors` is what fetch does unless told otherwise.
  fetch(url, { method: "POST", body, keepalive: true, credentials: "include" }).catch(() => {});
}
