import { createHash, timingSafeEqual } from "node:crypto";
import { type Credentials, isLoopbackAddress } from "./credentials.ts";

/** Says whether a request's credentials hold one of the keys. */
export type HasApiKey = (credentials: Credentials) => boolean;

/**
 * Checks `Authorization: Bearer <key>` against several valid keys. Only their hashes stay in memory, and every one
 * is compared in constant time, so neither a memory dump nor the time of an answer tells a key.
 *
 * With no keys at all: nobody is let in, but in development whoever asks from this machine, by a name of this machine,
 * and by no proxy. A page of the web can ask from here too, by a name of its own; and so can a proxy, for the whole world.
 */
export function createApiKeyCheck(
  keys: readonly string[],
  { isDevelopment }: { isDevelopment: boolean },
): HasApiKey {
  const hashes = keys.map(hash);
  if (hashes.length === 0) {
    return ({ remoteAddress, isDirect }) => isDevelopment && isLoopbackAddress(remoteAddress) && isDirect();
  }
  return ({ authorization }) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    if (key === undefined) return false;
    const given = hash(key);
    let found = false;
    for (const valid of hashes) if (timingSafeEqual(valid, given)) found = true;
    return found;
  };
}

function hash(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
