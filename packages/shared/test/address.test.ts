import { isIP } from "node:net";
import { readAddress, readFirstAddress } from "@model-views/shared/http/address.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("an address", () => {
  test.for([
    ["IPv4", "203.0.113.9", "203.0.113.9"],
    ["IPv4 with a port, as Azure writes it", "203.0.113.9:54321", "203.0.113.9"],
    ["IPv6", "2001:db8::1", "2001:db8::1"],
    ["IPv6 in brackets", "[2001:db8::1]", "2001:db8::1"],
    ["IPv6 in brackets with a port", "[2001:db8::1]:443", "2001:db8::1"],
    ["IPv6 in brackets with a colon and no port", "[2001:db8::1]:", "2001:db8::1"],
    ["IPv6 in quotes, as RFC 7239 writes it", '"[2001:db8::1]:4711"', "2001:db8::1"],
    ["IPv4 in quotes", '"203.0.113.9"', "203.0.113.9"],
    ["IPv4 in single quotes", "'203.0.113.9:80'", "203.0.113.9"],
    ["IPv4 in brackets", "[203.0.113.9]:80", "203.0.113.9"],
    ["a port that is hidden", "203.0.113.9:_hidden", "203.0.113.9"],
    ["a port that is hidden, behind brackets", "[2001:db8::1]:_hidden", "2001:db8::1"],
    ["IPv6 without brackets, and a port that can be nothing else", "2001:db8::1:54321", "2001:db8::1"],
    ["all eight groups, and a port", "2001:db8:0:0:0:0:0:1:443", "2001:db8::1"],
    ["what may be a port and is a group", "2001:db8::443", "2001:db8::443"],
    ["a zone", "fe80::1%eth0", "fe80::1"],
    ["a zone in brackets with a port", "[fe80::1%25en_0]:443", "fe80::1"],
    ["upper case", "2001:DB8::ABCD", "2001:db8::abcd"],
    ["zeros that nobody needs", "2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
    ["IPv4 in IPv6", "::ffff:203.0.113.9", "203.0.113.9"],
    ["IPv4 in IPv6, in hexadecimal", "::FFFF:cb00:7109", "203.0.113.9"],
    ["IPv4 in IPv6, in brackets with a port", "[::ffff:203.0.113.9]:443", "203.0.113.9"],
    ["IPv4 in IPv6, with a port", "::ffff:203.0.113.9:443", "203.0.113.9"],
    ["white space around", " \t203.0.113.9 ", "203.0.113.9"],
    ["white space in quotes", '" 203.0.113.9 "', "203.0.113.9"],
  ] as const)("with %s: %s", ([, text, address]) => {
    expect(readAddress(text)).toBe(address);
  });

  test.for([
    "",
    " ",
    "-",
    "unknown",
    "_hidden",
    "_hidden:80",
    "www.example.org",
    "www.example.org:443",
    "localhost",
    "256.0.0.1",
    "1.2.3",
    "1",
    "0x7f.0.0.1",
    "01.02.03.04",
    "203.0.113.9:",
    "203.0.113.9:123456",
    "203.0.113.9:80:80",
    "203.0.113.9/24",
    "203.0.113.9, 198.51.100.7",
    "203.0.113.9%eth0",
    "[203.0.113.9",
    "[]",
    ":80",
    "::ffff:999.1.1.1",
    "2001:db8::1::2",
    "12345::",
    '"',
    '""',
    "\0",
    `${" ".repeat(200)}203.0.113.9`,
    `[${"a".repeat(15_000)}]:80`,
  ])("is not %j", (text) => {
    expect(readAddress(text)).toBeUndefined();
  });

  test("is the same string in each of its spellings", () => {
    const group = fc.constantFrom(0, 0, 0, 1, 0xab, 0xffff);
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const all = spellings(groups);
        const addresses = new Set(
          all.flatMap((text) => [text, `[${text}]:8080`, ` "${text}" `]).map(readAddress),
        );
        expect(addresses.size, all.join(" ")).toBe(1);
        const [address = ""] = addresses;
        expect(isIP(address ?? "")).not.toBe(0);
        expect(readAddress(address ?? "")).toBe(address);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** An IPv6 address in full, in short, in upper case, with an IPv4 end, and with `::` for each run of zeros. */
function spellings(groups: readonly number[]): string[] {
  const short = groups.map((group) => group.toString(16));
  const full = short.map((group) => group.padStart(4, "0"));
  const end = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
  const spelled = [full.join(":"), short.join(":"), [...short.slice(0, 6), end.join(".")].join(":")];
  for (let from = 0; from < 8; from += 1) {
    for (let to = from + 1; to <= 8 && groups[to - 1] === 0; to += 1) {
      spelled.push(`${short.slice(0, from).join(":")}::${short.slice(to).join(":")}`);
    }
  }
  return [...spelled, ...spelled.map((text) => text.toUpperCase())];
}

describe("the first address of a list", () => {
  test.for([
    ["203.0.113.9, 198.51.100.7", "203.0.113.9"],
    ["unknown, 203.0.113.9:4711,198.51.100.7", "203.0.113.9"],
    [' , "[2001:db8::1]:443"', "2001:db8::1"],
    ["203.0.113.9", "203.0.113.9"],
    ["unknown, _hidden", undefined],
    ["", undefined],
  ] as const)("of %j is %s", ([list, address]) => {
    expect(readFirstAddress(list)).toBe(address);
  });
});
