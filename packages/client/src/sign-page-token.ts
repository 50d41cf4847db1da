/**
 * A token for the page of a model (`data-token`, or the hook's `token`), by which ingest knows that the website made
 * that page. Whoever has the page can use it until it expires: give it as long as a page may lie in a cache, a day at
 * most. `secret` is the first of ingest's `PAGE_TOKEN_SECRETS`; it must not reach the browser.
 */
export async function signPageToken(
  modelId: string,
  { secret, expiresAt }: { secret: string; expiresAt: Date },
): Promise<string> {
  const expiry = Math.floor(expiresAt.getTime() / 1_000);
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  // By Web Crypto, which edge runtimes have too.
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  const signed = await crypto.subtle.sign(
    algorithm.name,
    key,
    utf8.encode(`${modelId.toLowerCase()}.${expiry}`),
  );
  const base64 = btoa(String.fromCharCode(...new Uint8Array(signed)));
  return `${expiry}.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
