import type { IncomingMessage } from "node:http";
import { readAddress } from "@model-views/shared/http/address.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import { credentialsOf } from "@model-views/shared/http/credentials.ts";

/** With it the server of a website that passes a browser's request on says, under its key, whose request it is. */
const PASSED_ON_HEADER = "model-views-client-address";

/** Who sent a request. */
export type Sender = {
  /** It came with a server's key; in development without keys, from this machine. */
  hasKey: boolean;
  /** The server of a website passed it on for a browser. */
  isPassedOn: boolean;
  /** It is a browser's, sent by itself or passed on: then it is no server's, whichever key came along. */
  isBrowser: boolean;
  /** The browser's address, else that of the other end; undefined when it is not known. */
  address: string | undefined;
};

export type SenderDeps = {
  hasServerKey: HasApiKey;
  clientAddress: (request: IncomingMessage) => string | undefined;
  /** Told why a header that names an address was not believed. */
  onUntrusted: (reason: string) => void;
};

/** Finds out who sent a request. What is not believed is reported, once a request. */
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

/** Browsers say at least one of these of every page's request, and servers none. */
function isOfPage({ headers }: IncomingMessage): boolean {
  return (
    headers.origin !== undefined || headers.referer !== undefined || headers["sec-fetch-site"] !== undefined
  );
}
