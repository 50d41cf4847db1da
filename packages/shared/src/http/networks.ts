import { BlockList, isIP } from "node:net";
import { z } from "zod";
import { readAddress } from "./address.ts";

/** Whether an address, as `readAddress` gives it, is in one of some networks. */
export type InNetworks = (address: string) => boolean;

/** Networks by the names that proxies' settings have for them. */
const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);

/**
 * Addresses and networks (CIDR) of IPv4 and IPv6, one at least, separated by commas. A network of all addresses (`/0`)
 * is refused: no setting means everybody.
 */
export const networksSchema = z.string().transform((list, context): InNetworks => {
  const networks = new BlockList();
  const texts = list.split(",").map((text) => text.trim());
  const given = texts.filter((text) => text !== "");
  for (const text of given.length > 0 ? given : texts) {
    const isRight = (NAMED.get(text) ?? [text]).every((network) => addNetwork(networks, network));
    if (isRight) continue;
    const message = `${JSON.stringify(text)} is no address, and no network like 10.0.0.0/8`;
    context.addIssue({ code: "custom", message });
  }
  return (address) => networks.check(address, address.includes(":") ? "ipv6" : "ipv4");
});

function addNetwork(networks: BlockList, text: string): boolean {
  const [, written = "", bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(written);
  const address = readAddress(written);
  if (version === 0 || address === undefined) return false;
  const bitsMax = version === 4 ? 32 : 128;
  const bitsGiven = bits === undefined ? bitsMax : Number(bits);
  if (bitsGiven > bitsMax) return false;
  const isIpv4 = isIP(address) === 4;
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
  const prefix = isIpv4 ? bitsGiven - (bitsMax - 32) : bitsGiven;
  if (prefix < 1) return false;
  networks.addSubnet(address, prefix, isIpv4 ? "ipv4" : "ipv6");
  return true;
}
