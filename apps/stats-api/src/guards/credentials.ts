import type { IncomingMessage } from "node:http";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { type Credentials, credentialsOf } from "@model-views/shared/http/credentials.ts";
import type { SessionCookie } from "./session-cookie.ts";

/** Finds the credentials of a request. */
export type CredentialsOf = (request: IncomingMessage) => Credentials;

/**
 * In development, a direct request from this machine needs no key. A page of another origin does not count as such, though
 * its browser may run on this machine. Pages of this service and of the named origins do. A session stands for its key.
 */
export function createCredentialsOf(
  origins: ReadonlySet<string>,
  sessionCookie: Pick<SessionCookie, "read">,
): CredentialsOf {
  return oncePer((request: IncomingMessage): Credentials => {
    const credentials = credentialsOf(request);
    const keyHash = sessionCookie.read(request)?.keyHash;
    return {
      ...credentials,
      keyHash,
      isDirect: () => credentials.isDirect() && !isOfForeignPage(request, origins),
    };
  });
}

/** The same check, but it hashes the key of a request only once. */
export function checkOnce(hasKey: HasApiKey): HasApiKey {
  return oncePer(hasKey);
}

function oncePer<Key extends object, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const results = new WeakMap<Key, { value: Value }>();
  return (key) => {
    const result = results.get(key) ?? { value: work(key) };
    results.set(key, result);
    return result.value;
  };
}

function isOfForeignPage({ headers }: IncomingMessage, origins: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) {
    return !origins.has(origin) && !(URL.canParse(origin) && new URL(origin).host === host);
  }
  return headers["sec-fetch-site"] === "cross-site" || headers["sec-fetch-site"] === "same-site";
}
