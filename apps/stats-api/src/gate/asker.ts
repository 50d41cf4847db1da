import type { IncomingMessage } from "node:http";
import { type Asker, askerOf } from "@model-views/shared/asker.ts";

/** Who asks, for a key check. */
export type AskerOf = (request: IncomingMessage) => Asker;

/**
 * Whom a request is from. What a page of elsewhere asks is not asked on this machine, though its browser runs here: only
 * pages of this service, and of the origins that are named.
 */
export function createAskerOf(origins: ReadonlySet<string>): AskerOf {
  return (request) => {
    const asker = askerOf(request);
    return { ...asker, isDirect: () => asker.isDirect() && !isOfForeignPage(request, origins) };
  };
}

function isOfForeignPage({ headers }: IncomingMessage, origins: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) {
    return !origins.has(origin) && !(URL.canParse(origin) && new URL(origin).host === host);
  }
  return headers["sec-fetch-site"] === "cross-site" || headers["sec-fetch-site"] === "same-site";
}
