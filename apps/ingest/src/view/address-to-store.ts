import ipaddr from "ipaddr.js";

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
