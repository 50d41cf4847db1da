import type { IncomingMessage } from "node:http";
import proxyAddr from "proxy-addr";
import type { TrustProxy } from "./client-address.ts";

/** What proxies write the client's address into. */
const FORWARDING_HEADERS = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
  "fastly-client-ip",
];

/**
 * Says which header a request brings that names another client, when the connection is not from a trusted proxy:
 * undefined when there is none. Such a header is not believed, so all visitors behind that proxy share one address.
 */
export function untrustedForwarding(trust: TrustProxy): (request: IncomingMessage) => string | undefined {
  const trusts = typeof trust === "number" ? () => trust > 0 : proxyAddr.compile(trust);
  return ({ headers, socket }) => {
    const header = FORWARDING_HEADERS.find((name) => headers[name] !== undefined);
    if (header === undefined || trusts(socket.remoteAddress ?? "", 0)) return undefined;
    return header;
  };
}

/** What its owner should do about it. */
export function proxyAdvice(header: string, peer: string): string {
  return (
    `Requests from ${peer} carry ${header}, which is not believed: all visitors behind that proxy share one address, ` +
    `its rate limit and its country. If it is your proxy, set TRUST_PROXY to the number of proxies or to their networks`
  );
}
