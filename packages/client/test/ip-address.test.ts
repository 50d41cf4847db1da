import { describe, expect, test } from "vitest";
import { readIpAddress } from "../src/ip-address.ts";

describe("the visitor's address", () => {
  test.for([
    ["alone", "203.0.113.9", "203.0.113.9"],
    ["with white space", "  203.0.113.9 ", "203.0.113.9"],
    ["with a port", "203.0.113.9:54321", "203.0.113.9"],
    ["of IPv6", "2001:db8::1", "2001:db8::1"],
    ["of IPv6 in upper case", "2001:DB8::A", "2001:DB8::A"],
    ["of IPv6 in brackets", "[2001:db8::1]", "2001:db8::1"],
    ["of IPv6 in brackets with a port", "[2001:db8::1]:443", "2001:db8::1"],
    ["of IPv6 without brackets, with a port", "2001:db8:0:0:0:0:0:1:54321", "2001:db8:0:0:0:0:0:1"],
    ["of IPv6 with a zone", "fe80::1%eth0", "fe80::1"],
    ["of IPv6 with a zone in brackets with a port", "[fe80::1%25eth0]:443", "fe80::1"],
    ["of IPv4 as IPv6", "::ffff:203.0.113.9", "203.0.113.9"],
    ["of IPv4 as IPv6 in brackets with a port", "[::FFFF:203.0.113.9]:80", "203.0.113.9"],
    ["in quotes", '"203.0.113.9:80"', "203.0.113.9"],
    ["of this machine", "::1", "::1"],
  ] as const)("%s", ([, header, address]) => {
    expect(readIpAddress(header)).toBe(address);
  });
});

test("a text far longer than an address is not parsed", () => {
  for (const text of [":".repeat(16_000), "1:".repeat(8_000), `${":".repeat(8_000)}x`]) {
    expect(readIpAddress(text)).toBeUndefined();
    expect(readIpAddress(`${text}, 203.0.113.9`)).toBe("203.0.113.9");
  }
});

describe("of several addresses", () => {
  test.for([
    [
      "the one that the proxy added, not the one that the visitor sent",
      "8.8.8.8, 203.0.113.9",
      "203.0.113.9",
    ],
    ["not those of proxies in private networks", "203.0.113.9, 10.0.0.1, 192.168.1.1", "203.0.113.9"],
    ["not that of a proxy behind carrier-grade NAT", "203.0.113.9,100.64.0.7", "203.0.113.9"],
    ["not that of a proxy of IPv6", "2001:db8::1, fd00::1, fe80::2, ::1", "2001:db8::1"],
    ["each with a port", "203.0.113.9:1234, [fd00::1]:80, 10.0.0.1:80", "203.0.113.9"],
    ["the first where all are private", "192.168.1.5, 10.0.0.1", "192.168.1.5"],
    ["those that are addresses", "unknown, 203.0.113.9, ", "203.0.113.9"],
  ] as const)("%s", ([, header, address]) => {
    expect(readIpAddress(header)).toBe(address);
  });
});

describe("in Forwarded (RFC 7239)", () => {
  test.for([
    ["for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"],
    ['For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
    ["proto=https;for=192.0.2.60", "192.0.2.60"],
    ['for=8.8.8.8, for="203.0.113.9:80";host=example.org, for=10.0.0.1', "203.0.113.9"],
    ["for=unknown", undefined],
    ["for=_hidden, for=_SEVKISEK", undefined],
    ["by=203.0.113.43;proto=http", undefined],
  ] as const)("%s", ([header, address]) => {
    expect(readIpAddress(header)).toBe(address);
  });
});

test.for([
  undefined,
  null,
  "",
  " ",
  ",",
  "unknown",
  "203.0.113",
  "203.0.113.256",
  "203.0.113.9.1",
  "0x7f.1",
  "1.2.3.4/24",
  "2001:db8::1::2",
  "12345::",
  ":80",
  "[]:80",
  "example.org:80",
  "1".repeat(50_000),
  ":".repeat(50_000),
  7 as unknown as string,
])("nothing is read of %s", (header) => {
  expect(readIpAddress(header)).toBeUndefined();
});
