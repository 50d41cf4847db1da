import type { IncomingMessage } from "node:http";
import { readAddress } from "@model-views/shared/contracts/address.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { credentialsOf } from "@model-views/shared/http/credentials.ts";

/** The header in which a website's server, with its key, names the address of the browser whose request it passes on. */
const PASSED_ON_HEADER = "model-views-client-address";

/** Who sent a request. */
export type Sender = {
  /** It has a server's key; in development without keys, it comes from this machine. */
  hasKey: boolean;
  /** A website's server passed it on for a browser. */
  isPassedOn: boolean;
  /** A browser sent it, directly or through a website. Then it does not count as a server's, even with a key. */
  isBrowser: boolean;
  /** The browser's address, else the address of the connection's other end. Undefined when it is unknown. */
  address: string | undefined;
};

export type SenderDeps = {
  hasServerKey: HasApiKey;
  clientAddress: (request: IncomingMessage) => string | undefined;
  /** Called with the reason when a header that names an address is not trusted. */
  onUntrusted: (reason: string) => void;
};

/** Determines who sent a request. Reports an untrusted header once per request. */
export function createSenderOf(deps: SenderDeps): (request: IncomingMessage) => Sender {
  const { hasServerKey, clientAddress, onUntrusted } = deps;
  return (request) => {
    const hasKey = hasServerKey(credentialsOf(request));
    const named = request.headers[PASSED_ON_HEADER];
    const isPassedOn = hasKey && named !== undefined;
    const isBrowser = isPassedOn || isOfPage(request);
    const address = isPassedOn ? readAddress(String(named).split(",").at(-1) ?? "") : undefined;
    if (named !== undefined && address === undefined) onUntrusted(reasonAgainst(hasKey));
    return { hasKey, isPassedOn, isBrowser, address: address ?? clientAddress(request) };
  };
}

function reasonAgainst(hasKey: boolean): string {
  return hasKey
    ? "Views are passed on with a Model-Views-Client-Address that is no address: all such visitors have the website's, and share its rate limit. If the website runs on model-views-client, name the header of the proxy in front of it as addressHeader"
    : "Views are passed on with Model-Views-Client-Address, but without one of SERVER_KEYS: the address is not believed";
}

/** Browsers send at least one of these with every request of a page; servers send none. */
function isOfPage({ headers }: IncomingMessage): boolean {
  return (
    headers.origin !== undefined || headers.referer !== undefined || headers["sec-fetch-site"] !== undefined
  );
}
