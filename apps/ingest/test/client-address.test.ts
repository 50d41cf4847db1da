import type { IncomingMessage } from "node:http";
import {
  clientAddressBehind,
  trustAdvice,
  trustProxySchema,
} from "@model-views/shared/http/client-address.ts";
import { forwardedFor } from "@model-views/shared/http/forwarded.ts";
import { networksSchema } from "@model-views/shared/http/networks.ts";
import { ConfigError, parseConfig } from "@model-views/shared/runtime/config.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ingestConfigSchema } from "../src/config.ts";
import { addressToStore } from "../src/view/address-to-store.ts";

/** A request whose connection is from there. */
function from(remoteAddress: string | undefined, headers: Record<string, string> = {}): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}
const xff = (list: string) => ({ "x-forwarded-for": list });

/** Who the client is, by the settings `TRUST_PROXY` and `CLIENT_ADDRESS_HEADER`. */
const clientOf = (trust: string, request: IncomingMessage, header?: string) =>
  clientAddressBehind(trustProxySchema.parse(trust), header)(request);

describe("the client's address", () => {
  test.for([
    ["is the other end without a proxy", "0", from("203.0.113.9", xff("1.1.1.1")), "203.0.113.9"],
    ["is the other end, of an IPv4 in IPv6", "0", from("::ffff:203.0.113.9"), "203.0.113.9"],
    ["is the other end without its zone", "0", from("fe80::1%eth0"), "fe80::1"],
    ["is not known when the connection is gone", "1", from(undefined, xff("1.1.1.1")), undefined],
    ["is what one proxy says", "1", from("10.0.0.1", xff("203.0.113.9")), "203.0.113.9"],
    [
      "is not what the client says before the proxy",
      "1",
      from("10.0.0.1", xff("1.1.1.1, 203.0.113.9")),
      "203.0.113.9",
    ],
    ["is behind two proxies", "2", from("10.0.0.1", xff("1.1.1.1, 203.0.113.9, 10.0.0.2")), "203.0.113.9"],
    ["is the first known where the way is short", "3", from("10.0.0.1", xff("203.0.113.9")), "203.0.113.9"],
    ["is the proxy where it says nothing", "1", from("10.0.0.1"), "10.0.0.1"],
    ["is the proxy where it says nothing in words", "1", from("10.0.0.1", xff(" , ")), "10.0.0.1"],
    [
      "is what a proxy of a trusted network says",
      "10.0.0.0/8",
      from("10.0.0.1", xff("203.0.113.9")),
      "203.0.113.9",
    ],
    [
      "is what proxies of trusted networks say",
      "10.0.0.0/8, fd00::/8",
      from("::ffff:10.0.0.1", xff("1.1.1.1, 203.0.113.9:443, [fd00::7]:443, 10.0.0.2:80")),
      "203.0.113.9",
    ],
    ["is not what an untrusted one says", "10.0.0.0/8", from("203.0.113.9", xff("1.1.1.1")), "203.0.113.9"],
    ["is behind a proxy on this machine", "loopback", from("::1", xff("203.0.113.9")), "203.0.113.9"],
    ["is behind a proxy of a private network", "uniquelocal", from("172.18.0.3", xff("8.8.8.8")), "8.8.8.8"],
  ] as const)("%s", ([, trust, request, expected]) => {
    expect(clientOf(trust, request)).toBe(expected);
  });

  test.for([
    "203.0.113.9:54321",
    "203.0.113.9:443, ",
    '"203.0.113.9"',
    "::ffff:203.0.113.9",
    "[::ffff:203.0.113.9]:54321",
    "unknown, 203.0.113.9:1",
  ])("is the same however the proxy writes it: %s", (written) => {
    expect(clientOf("1", from("10.0.0.1", xff(written)))).toBe("203.0.113.9");
  });

  test.for([
    [
      "ends the way at a proxy that is known by its network",
      "10.0.0.0/8",
      "203.0.113.9, unknown",
      "10.0.0.1",
    ],
    ["ends the way behind it", "10.0.0.0/8", "203.0.113.9, _hidden, 10.0.0.2", "10.0.0.2"],
    ["is the client's, where it is where the client is", "1", "1.1.1.1, unknown", "10.0.0.1"],
    ["is the client's behind two proxies", "2", "1.1.1.1, unknown, 10.0.0.2", "10.0.0.2"],
    ["is passed over where it is one of the proxies", "2", "1.1.1.1, 203.0.113.9, unknown", "203.0.113.9"],
    ["is nobody's key, however long it is", "1", `203.0.113.9, ${"x".repeat(15_000)}`, "10.0.0.1"],
  ] as const)("what is no address %s", ([, trust, list, expected]) => {
    expect(clientOf(trust, from("10.0.0.1", xff(list)))).toBe(expected);
  });

  test.for([
    ["an IPv6 address with a port", 'for="[2001:db8::1]:4711";proto=https', "2001:db8::1"],
    ["its name in any case", 'For="[2001:DB8::1]"', "2001:db8::1"],
    ["white space around", " by=10.0.0.1 ; FOR = 203.0.113.9 ; proto=http", "203.0.113.9"],
    ["what the client says before the proxy", "for=1.1.1.1, for=203.0.113.9", "203.0.113.9"],
    ["who hides", "for=1.1.1.1, for=_hidden", "10.0.0.1"],
    ["who is unknown", 'for="unknown"', "10.0.0.1"],
    ["an element that names nobody", "for=1.1.1.1, proto=https;by=10.0.0.2", "10.0.0.1"],
    ["a comma and a semicolon in quotes", 'for=203.0.113.9;host="a,for=1.1.1.1;for=2.2.2.2"', "203.0.113.9"],
    ["quotes in quotes", String.raw`host="\"";for="203.0.113.\9"`, "203.0.113.9"],
    ["nothing that parses", ";;;,,=,for", "10.0.0.1"],
    ["a quote that the client did not close", 'for=1.1.1.1, for=", for=203.0.113.9', "10.0.0.1"],
    ["one before a quoted address", 'for=1.1.1.1, for=", for="[2001:db8::1]"', "10.0.0.1"],
    ["one behind a backslash", String.raw`for=1.1.1.1, for="\", for="[2001:db8::1]"`, "10.0.0.1"],
  ] as const)("is read from Forwarded with %s", ([, forwarded, expected]) => {
    expect(clientOf("1", from("10.0.0.1", { forwarded }))).toBe(expected);
  });

  test("is read from X-Forwarded-For rather than from Forwarded", () => {
    const headers = { forwarded: "for=1.1.1.1", ...xff("203.0.113.9") };
    expect(clientOf("1", from("10.0.0.1", headers))).toBe("203.0.113.9");
    expect(clientOf("1", from("10.0.0.1", { ...headers, ...xff("") }))).toBe("1.1.1.1");
  });

  const cdn = { "cf-connecting-ip": "203.0.113.9", ...xff("198.51.100.7, 192.0.2.1") };
  test.for([
    ["what it holds", "1", from("10.0.0.1", cdn), "203.0.113.9"],
    [
      "what it holds last",
      "1",
      from("10.0.0.1", { ...cdn, "cf-connecting-ip": "1.1.1.1, [2001:db8::1]:80" }),
      "2001:db8::1",
    ],
    ["nothing of an untrusted sender", "10.0.0.0/8", from("192.0.2.9", cdn), "192.0.2.9"],
    ["the way through the proxies where it is missing", "1", from("10.0.0.1", xff("192.0.2.1")), "192.0.2.1"],
    [
      "the way through the proxies where it is no address",
      "1",
      from("10.0.0.1", { ...cdn, "cf-connecting-ip": "unknown" }),
      "192.0.2.1",
    ],
  ] as const)("by a header of its own is %s", ([, trust, request, expected]) => {
    expect(clientOf(trust, request, "cf-connecting-ip")).toBe(expected);
  });

  test("is an address or nothing, whatever is sent", () => {
    const text = fc.oneof(fc.string({ unit: "binary-ascii" }), fc.ipV4(), fc.ipV6());
    const list = fc.array(text, { maxLength: 4 }).map((texts) => texts.join(","));
    const trust = fc.constantFrom("0", "1", "3", "10.0.0.0/8");
    const request = fc.record({ remoteAddress: text, forwarded: list, forwardedFor: list });
    fc.assert(
      fc.property(trust, request, (trust, { remoteAddress, forwarded, forwardedFor }) => {
        const client = clientOf(trust, from(remoteAddress, { forwarded, ...xff(forwardedFor) }));
        expect(client ?? "0.0.0.0").toMatch(/^(?:\d+\.\d+\.\d+\.\d+|[\da-f:]+)$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

test("a long header Forwarded with nothing but quotes and backslashes is read at once", () => {
  const nasty = [`${'for="'.repeat(3_001)}`, `${"\\".repeat(15_000)}"`, `"${"\\".repeat(15_001)}`];
  expect(nasty.flatMap(forwardedFor)).toEqual([]);
  // Longer than any chain of proxies writes; what is looked at is never longer than that.
  expect(forwardedFor(`for=203.0.113.9;by=${" ".repeat(2_000)}x`)).toEqual([]);
});

describe("settings", () => {
  const right = { REDIS_URL: "redis://127.0.0.1", VIEWER_ID_SALT: "s".repeat(32) };

  test.for(["true", "all", "-1", "11", "10.0.0.0/99", "1,2", "", ",", "0.0.0.0/0", "::/0", "constructor"])(
    "TRUST_PROXY=%s is refused",
    (trust) => {
      expect(trustProxySchema.safeParse(trust).success).toBe(false);
    },
  );

  test.for([
    ["203.0.113.9", "203.0.113.9", true],
    ["203.0.113.9", "203.0.113.10", false],
    ["203.0.113.0/24", "203.0.113.200", true],
    ["203.0.113.77/24", "203.0.113.200", true],
    ["203.0.113.0/24", "203.0.114.1", false],
    ["10.0.0.0/8, 2001:db8::/32,", "2001:db8:7::1", true],
    ["10.0.0.0/8, 2001:db8::/32,", "10.9.8.7", true],
    ["10.0.0.0/8, 2001:db8::/32,", "2001:db9::1", false],
    ["2001:DB8:0:0::1", "2001:db8::1", true],
    ["::ffff:10.0.0.0/104", "10.9.8.7", true],
    ["::ffff:10.0.0.1", "10.0.0.1", true],
    ["::ffff:10.0.0.1", "10.0.0.2", false],
    ["loopback", "::1", true],
  ] as const)("IGNORE_ADDRESSES=%s and %s: %s", ([networks, address, expected]) => {
    const { IGNORE_ADDRESSES } = parseConfig(ingestConfigSchema, { ...right, IGNORE_ADDRESSES: networks });
    expect(IGNORE_ADDRESSES(address)).toBe(expected);
  });

  test.for([
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0",
    "2001:db8::/129",
    "0.0.0.0/0",
    "office.example",
    "1.2.3.4:80",
  ])("IGNORE_ADDRESSES=10.0.0.1,%s stops the start, and says which", (wrong) => {
    const parse = () => parseConfig(ingestConfigSchema, { ...right, IGNORE_ADDRESSES: `10.0.0.1,${wrong}` });
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(`IGNORE_ADDRESSES: "${wrong}" is no address`);
  });

  test("no address is in no networks", () => {
    expect(parseConfig(ingestConfigSchema, right).IGNORE_ADDRESSES("10.0.0.1")).toBe(false);
    expect(networksSchema.safeParse("").success).toBe(false);
  });

  test.for([
    ["CF-Connecting-IP", "1", "cf-connecting-ip"],
    ["true-client-ip", "10.0.0.0/8", "true-client-ip"],
  ] as const)("CLIENT_ADDRESS_HEADER=%s is taken with TRUST_PROXY=%s", ([header, trust, expected]) => {
    const env = { ...right, CLIENT_ADDRESS_HEADER: header, TRUST_PROXY: trust };
    expect(parseConfig(ingestConfigSchema, env)).toMatchObject({ CLIENT_ADDRESS_HEADER: expected });
  });

  test.for([
    ["X-Real-IP", "0", "TRUST_PROXY names none"],
    ["X-Real-IP", "", "TRUST_PROXY names none"],
    ["X-Forwarded-For", "1", "read without it"],
    ["Forwarded", "1", "read without it"],
    ["a header", "1", "the name of a header"],
  ] as const)("CLIENT_ADDRESS_HEADER=%s is refused with TRUST_PROXY=%s", ([header, trust, reason]) => {
    const env = { ...right, CLIENT_ADDRESS_HEADER: header, TRUST_PROXY: trust };
    expect(() => parseConfig(ingestConfigSchema, env)).toThrow(reason);
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

test.for([
  ["1", "0.0.0.0", true],
  ["2", "192.0.2.1", true],
  ["1", "::", true],
  ["1", "127.0.0.1", false],
  ["1", "localhost", false],
  ["10.0.0.0/8", "0.0.0.0", false],
  ["0", "0.0.0.0", false],
] as const)("TRUST_PROXY=%s on %s is warned of at the start: %s", ([trust, host, isWarned]) => {
  const advice = trustAdvice(trustProxySchema.parse(trust), host);
  expect(advice !== undefined).toBe(isWarned);
  if (isWarned) expect(advice).toMatch(new RegExp(`^TRUST_PROXY=${trust} believes whoever reaches ${host}`));
});
