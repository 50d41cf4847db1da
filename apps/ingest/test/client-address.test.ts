import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { addressToStore, clientAddressBehind, trustProxySchema } from "../src/client-address.ts";

/** A request from `remoteAddress` with an X-Forwarded-For of `forwarded`. */
function from(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { headers, socket: { remoteAddress }, connection: { remoteAddress } } as unknown as IncomingMessage;
}

describe("the client's address", () => {
  test.for([
    ["is the other end without a proxy", "0", from("203.0.113.9", "1.1.1.1"), "203.0.113.9"],
    ["is what one proxy says", "1", from("10.0.0.1", "203.0.113.9"), "203.0.113.9"],
    [
      "is not what the client says before the proxy",
      "1",
      from("10.0.0.1", "1.1.1.1, 203.0.113.9"),
      "203.0.113.9",
    ],
    ["is behind two proxies", "2", from("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9"],
    [
      "is what a proxy of a trusted network says",
      "10.0.0.0/8",
      from("10.0.0.1", "203.0.113.9"),
      "203.0.113.9",
    ],
    ["is not what an untrusted one says", "10.0.0.0/8", from("203.0.113.9", "1.1.1.1"), "203.0.113.9"],
  ] as const)("%s", ([, trust, request, expected]) => {
    expect(clientAddressBehind(trustProxySchema.parse(trust))(request)).toBe(expected);
  });

  test.for(["true", "all", "-1", "11", "10.0.0.0/99", "1,2", ""])("TRUST_PROXY=%s is refused", (trust) => {
    expect(trustProxySchema.safeParse(trust).success).toBe(false);
  });
});

describe("what is stored of an address", () => {
  test.for([
    ["nothing", "203.0.113.9", "off", undefined],
    ["its network", "203.0.113.9", "truncated", "203.0.113.0"],
    ["its network in IPv6", "2001:db8:1:2:3:4:5:6", "truncated", "2001:db8:1::"],
    ["its network of an IPv4 in IPv6", "::ffff:203.0.113.9", "truncated", "203.0.113.0"],
    ["all of it", "203.0.113.9", "full", "203.0.113.9"],
    [
      "all of it but its zone",
      "fe80::1%averylongnamethatnocolumnwouldholdwhoeverthoughtofit",
      "full",
      "fe80::1",
    ],
    ["nothing of what is no address", "unknown", "full", undefined],
    ["nothing of none", undefined, "full", undefined],
  ] as const)("%s", ([, address, storeIp, expected]) => {
    expect(addressToStore(address, storeIp)).toBe(expected);
  });
});
