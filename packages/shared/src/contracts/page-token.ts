import { createHmac, timingSafeEqual } from "node:crypto";

/** Seconds that a token may be valid, at most: a page is viewed soon after it is made. */
export const PAGE_TOKEN_SECONDS_MAX = 86_400;

/**
 * A token that a website puts into a profile page: `<expiry>.<signature>`, the expiry in seconds since 1970, the
 * signature HMAC-SHA-256 over `<model id in lower case>.<expiry>` in base64url. It says that the website made a page of
 * this model; whoever has the page can use it until it expires, for this model alone.
 */
export function signPageToken(
  modelId: string,
  { secret, expiresAt }: { secret: string; expiresAt: Date },
): string {
  const expiry = String(Math.floor(expiresAt.getTime() / 1_000));
  return `${expiry}.${signature(modelId, expiry, secret).toString("base64url")}`;
}

/** Whether the token is one of this model, signed with one of the secrets, and valid now. Compares in constant time. */
export function isPageToken(
  token: string,
  { modelId, secrets, now }: { modelId: string; secrets: readonly string[]; now: Date },
): boolean {
  const [, expiry, signed] = /^(\d{1,12})\.([\w-]{43})$/.exec(token) ?? [];
  if (expiry === undefined || signed === undefined) return false;
  const secondsLeft = Number(expiry) - now.getTime() / 1_000;
  const given = Buffer.from(signed, "base64url");
  let isSigned = false;
  for (const secret of secrets)
    if (timingSafeEqual(signature(modelId, expiry, secret), given)) isSigned = true;
  return isSigned && secondsLeft > 0 && secondsLeft <= PAGE_TOKEN_SECONDS_MAX;
}

function signature(modelId: string, expiry: string, secret: string): Buffer {
  return createHmac("sha256", secret).update(`${modelId.toLowerCase()}.${expiry}`).digest();
}
