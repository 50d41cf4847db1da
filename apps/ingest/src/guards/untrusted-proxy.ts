import type { IncomingMessage } from "node:http";
import { readAddress } from "@model-views/shared/http/address.ts";
import type { TrustProxy } from "@model-views/shared/http/client-address.ts";
import { CLIENT_ADDRESS_HEADERS } from "@model-views/shared/http/credentials.ts";
import { addressToStore } from "../view/address-to-store.ts";

/**
 * Says which header a request brings that names another client, when the connection is not from a trusted proxy:
 * undefined when there is none. Such a header is not believed, so all visitors behind that proxy share one address.
 */
export function untrustedForwarding(
  trusts: TrustProxy,
  ownHeader: string | undefined,
): (request: IncomingMessage) => string | undefined {
  const names = ownHeader === undefined ? CLIENT_ADDRESS_HEADERS : [ownHeader, ...CLIENT_ADDRESS_HEADERS];
  return ({ headers, socket }) => {
    const header = names.find((name) => headers[name] !== undefined);
    // A server says under its key whose address it means.
    if (
      header === undefined ||
      headers.authorization !== undefined ||
      trusts(readAddress(socket.remoteAddress ?? ""), 0)
    )
      return undefined;
    return header;
  };
}

/** What its owner should do about it. Names the peer by its network alone, because it may be a visitor after all. */
export function proxyAdvice(header: string, peer: string | undefined): string {
  return (
    `Requests from ${addressToStore(peer, "truncated") ?? "a peer"} (its network) carry ${header}, which is not believed: all visitors behind that proxy share one address, ` +
    `its rate limit and its country. If it is your proxy, set TRUST_PROXY to the number of proxies or to their networks`
  );
}
