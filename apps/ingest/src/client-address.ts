import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";
import proxyAddr from "proxy-addr";
import { z } from "zod";

const PROXIES_MAX = 10;

/**
 * `TRUST_PROXY`: how many proxies stand in front, or which networks they are in (CIDR, comma separated). Never
 * "all of them": then any client could name an address of its choice in `X-Forwarded-For`.
 */
export const trustProxySchema = z.string().transform((value, context) => {
  if (/^\d+$/.test(value) && Number(value) <= PROXIES_MAX) return Number(value);
  try {
    const networks = value.split(",").map((network) => network.trim());
    if (networks.some((network) => /^\d+$/.test(network))) throw new TypeError();
    proxyAddr.compile(networks);
    return networks;
  } catch {
    context.addIssue({
      code: "custom",
      message: `must be a number of proxies (0 to ${PROXIES_MAX}) or networks like 10.0.0.0/8, separated by commas`,
    });
    return z.NEVER;
  }
});
export type TrustProxy = z.infer<typeof trustProxySchema>;

/** Finds the client's address behind the trusted proxies. */
export function clientAddressBehind(trust: TrustProxy): (request: IncomingMessage) => string | undefined {
  if (trust === 0) return (request) => request.socket.remoteAddress;
  const trusts =
    typeof trust === "number" ? (_: string, hop: number) => hop < trust : proxyAddr.compile(trust);
  return (request) => proxyAddr(request, trusts) || undefined;
}

/** What of an address is stored: nothing, its network (/24 or /48), or all of it. Undefined when it is no address. */
export function addressToStore(
  address: string | undefined,
  storeIp: "off" | "truncated" | "full",
): string | undefined {
  if (storeIp === "off" || address === undefined || !ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  const bytesKept = { full: bytes.length, truncated: parsed.kind() === "ipv4" ? 3 : 6 }[storeIp];
  // From the bytes, so that an IPv6 zone, which may have any length, is left out.
  return ipaddr.fromByteArray(bytes.fill(0, bytesKept)).toString();
}
