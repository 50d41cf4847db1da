import type { IncomingMessage } from "node:http";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { type Credentials, credentialsOf } from "@model-views/shared/http/credentials.ts";

/** Who asks, for a key check. */
export type CredentialsOf = (request: IncomingMessage) => Credentials;

/**
 * Whom a request is from. What a page of elsewhere asks is not asked on this machine, though its browser runs here: only
 * pages of this service, and of the origins that are named.
 */
export function createCredentialsOf(origins: ReadonlySet<string>): CredentialsOf {
  return oncePer((request: IncomingMessage): Credentials => {
    const credentials = credentialsOf(request);
    return { ...credentials, isDirect: () => credentials.isDirect() && !isOfForeignPage(request, origins) };
  });
}

/** The same, which hashes the key of a request once, for all checks of that request. */
export function checkOnce(hasKey: HasApiKey): HasApiKey {
  return oncePer(hasKey);
}

function oncePer<Key extends object, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: work(key) };
    known.set(key, found);
    return found.value;
  };
}

function isOfForeignPage({ headers }: IncomingMessage, origins: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) {
    return !origins.has(origin) && !(URL.canParse(origin) && new URL(origin).host === host);
  }
  return headers["sec-fetch-site"] === "cross-site" || headers["sec-fetch-site"] === "same-site";
}
