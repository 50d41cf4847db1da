/**
 * Signs a token for the page of a model (`data-token`, or the hook's `token`). It proves to ingest that the website made
 * the page. Anyone who has the page can use the token until it expires. It has to last as long as a page may stay in a
 * cache, and at most a day. `secret` is the first of ingest's `PAGE_TOKEN_SECRETS`; it must not reach the browser.
 *
 * @example
 * ```ts
 * const expiresAt = new Date(Date.now() + 3_600_000);
 * const token = await signPageToken(model.id, { secret: pageTokenSecret, expiresAt });
 * ```
 */
export async function signPageToken(
  modelId: string,
  { secret, expiresAt }: { secret: string; expiresAt: Date },
): Promise<string> {
  const expiry = Math.floor(expiresAt.getTime() / 1_000);
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  // Web Crypto, because edge runtimes have it too.
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  const signed = await crypto.subtle.sign(
    algorithm.name,
    key,
    utf8.encode(`${modelId.toLowerCase()}.${expiry}`),
  );
  const base64 = btoa(String.fromCharCode(...new Uint8Array(signed)));
  return `${expiry}.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
