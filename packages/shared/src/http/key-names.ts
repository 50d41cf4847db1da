import { createApiKeyCheck } from "./api-keys.ts";
import type { Credentials } from "./credentials.ts";

/** A key, and what it is called where it is noted who did something. */
export type NamedKey = { name: string; key: string };

/** A name in front of a key, `anna=…`; a key of 16 characters at least has to follow, or it is all a key. */
const NAMED = /^([a-z][a-z\d_-]{0,31})=(.{16,})$/i;

/** Reads a list of keys that may have names. One that has none is called by its place: `key 1`. */
export function namedKeys(entries: readonly string[]): NamedKey[] {
  return entries.map((entry, index) => {
    const [, name = `key ${index + 1}`, key = entry] = NAMED.exec(entry) ?? [];
    return { name, key };
  });
}

/** Says by which key somebody asks; where no keys are set, from which machine. */
export function createKeyName(keys: readonly NamedKey[]): (credentials: Credentials) => string {
  const checks = keys.map(({ name, key }) => ({
    name,
    has: createApiKeyCheck([key], { isDevelopment: false }),
  }));
  return (credentials) =>
    checks.find(({ has }) => has(credentials))?.name ??
    `no key, from ${credentials.remoteAddress ?? "nowhere"}`;
}
