import ipaddr from "ipaddr.js";

/** The part of an address to store: nothing, its network (/24 or /48), or all of it. Undefined for an invalid address. */
export function addressToStore(
  address: string | undefined,
  storeIp: "off" | "truncated" | "full",
): string | undefined {
  if (storeIp === "off" || address === undefined || !ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  const bytesKept = { full: bytes.length, truncated: parsed.kind() === "ipv4" ? 3 : 6 }[storeIp];
  // From the bytes, which have no IPv6 zone: a zone may have any length.
  return ipaddr.fromByteArray(bytes.fill(0, bytesKept)).toString();
}
