import type { IncomingMessage } from "node:http";
import { readAddress } from "@model-views/shared/contracts/address.ts";
import type { TrustProxy } from "@model-views/shared/http/client-address.ts";
import { CLIENT_ADDRESS_HEADERS } from "@model-views/shared/http/credentials.ts";
import { addressToStore } from "../viewer/address-to-store.ts";

/**
 * Returns the header of a request that names another client although the connection is not from a trusted proxy.
 * Undefined when there is none. The header is not trusted, so all visitors behind that proxy share one address.
 */
export function untrustedForwarding(
  trusts: TrustProxy,
  ownHeader: string | undefined,
): (request: IncomingMessage) => string | undefined {
  const names = ownHeader === undefined ? CLIENT_ADDRESS_HEADERS : [ownHeader, ...CLIENT_ADDRESS_HEADERS];
  return ({ headers, socket }) => {
    const header = names.find((name) => headers[name] !== undefined);
    // A server with a key may name the address of its visitor.
    if (
      header === undefined ||
      headers.authorization !== undefined ||
      trusts(readAddress(socket.remoteAddress ?? ""), 0)
    )
      return undefined;
    return header;
  };
}

/** What the owner should do about it. Shows only the peer's network, because the peer may be a visitor after all. */
export function proxyAdvice(header: string, peer: string | undefined): string {
  return (
    `Requests from ${addressToStore(peer, "truncated") ?? "a peer"} (its network) carry ${header}, which is not believed: all visitors behind that proxy share one address, ` +
    `its rate limit and its country. If it is your proxy, set TRUST_PROXY to the number of proxies or to their networks`
  );
}
