import { createHash, timingSafeEqual } from "node:crypto";
import { type Credentials, isLoopbackAddress } from "./credentials.ts";

/** Whether a request's credentials contain one of the keys. */
export type HasApiKey = (credentials: Credentials) => boolean;

/** A key, and its name in the audit log. */
export type NamedKey = { name: string; key: string };

/** A name in front of a key, `anna=…`. If fewer than 16 characters follow, the whole text is the key. */
const NAMED = /^([a-z][a-z\d_-]{0,31})=(.{16,})$/i;

/**
 * Checks `Authorization: Bearer <key>`, or the key that a session proves, against several valid keys. Only hashes of the keys stay in memory, and all are
 * compared in constant time, so that neither a memory dump nor the time of an answer reveals a key.
 *
 * Without any keys every request is refused, except in development: there, requests from this machine are allowed if they
 * name this machine in `Host` and came through no proxy. Otherwise web pages could send such requests through their
 * host names, and a proxy could forward them from anywhere.
 */
export function createApiKeyCheck(
  keys: readonly string[],
  { isDevelopment }: { isDevelopment: boolean },
): HasApiKey {
  const hashes = keys.map(hashOfKey);
  if (hashes.length === 0) {
    return ({ remoteAddress, isDirect }) => isDevelopment && isLoopbackAddress(remoteAddress) && isDirect();
  }
  return ({ authorization, keyHash }) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    const given = key === undefined ? keyHash : hashOfKey(key);
    if (given === undefined) return false;
    let found = false;
    for (const valid of hashes) if (timingSafeEqual(valid, given)) found = true;
    return found;
  };
}

/** Reads a list of keys, each of which may have a name. A key without one is named after its place: `key 1`. */
export function namedKeys(entries: readonly string[]): NamedKey[] {
  return entries.map((entry, index) => {
    const [, name = `key ${index + 1}`, key = entry] = NAMED.exec(entry) ?? [];
    return { name, key };
  });
}

/** Returns the name of a request's key; undefined when it has none of them. */
export function createKeyName(keys: readonly NamedKey[]): (credentials: Credentials) => string | undefined {
  const checks = keys.map(({ name, key }) => ({
    name,
    has: createApiKeyCheck([key], { isDevelopment: false }),
  }));
  return (credentials) => checks.find(({ has }) => has(credentials))?.name;
}

/** Returns who does something, for the audit log: the name of the key, or without any keys the machine. */
export function createActorName(keys: readonly NamedKey[]): (credentials: Credentials) => string {
  const keyName = createKeyName(keys);
  return (credentials) => keyName(credentials) ?? `no key, from ${credentials.remoteAddress ?? "nowhere"}`;
}

/** What is compared in place of a key. */
export function hashOfKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
