import type { IncomingMessage } from "node:http";
import { type Asker, askerOf } from "@model-views/shared/http/credentials.ts";
import type { HasKey } from "@model-views/shared/http/api-keys.ts";

/** Who asks, for a key check. */
export type AskerOf = (request: IncomingMessage) => Asker;

/**
 * Whom a request is from. What a page of elsewhere asks is not asked on this machine, though its browser runs here: only
 * pages of this service, and of the origins that are named.
 */
export function createAskerOf(origins: ReadonlySet<string>): AskerOf {
  return oncePer((request: IncomingMessage): Asker => {
    const asker = askerOf(request);
    return { ...asker, isDirect: () => asker.isDirect() && !isOfForeignPage(request, origins) };
  });
}

/** The same, which hashes the key of an asker once, for all who want to know in the course of a request. */
export function checkOnce(hasKey: HasKey): HasKey {
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
