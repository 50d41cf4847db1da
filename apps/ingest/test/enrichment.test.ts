import { viewEventSchema } from "@model-views/shared/contracts/view-event.ts";
import { ConfigError, parseConfig } from "@model-views/shared/runtime/config.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { openCountries } from "../src/enrichment/country.ts";
import { createEnricher, type EnrichmentSources } from "../src/enrichment/enrichment.ts";
import { hostOf } from "../src/enrichment/referrer-host.ts";
import { openReferrerSpam, spamReferrersSchema } from "../src/enrichment/referrer-spam.ts";
import { rememberRecent } from "../src/enrichment/remember-recent.ts";

const countryOf = openCountries();
const spamOf = (SPAM_REFERRERS: string) =>
  parseConfig(z.object({ SPAM_REFERRERS: spamReferrersSchema }), { SPAM_REFERRERS }).SPAM_REFERRERS;
const { enrich } = createEnricher({
  countryOf,
  isSpamReferrer: openReferrerSpam(spamOf("spam.example, www.Pills.Example,bücher.example,198.51.100.7,")),
});
const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

/** Enricher of a view of which nothing is known but this. */
const isOwnHost = () => false;
const factsOnly = (known: Partial<EnrichmentSources>) =>
  enrich({
    userAgent: undefined,
    address: undefined,
    referrer: undefined,
    path: undefined,
    isOwnHost,
    ...known,
  });

test("all that is known about a view", () => {
  expect(
    enrich({
      userAgent: FIREFOX,
      address: "193.99.144.80",
      referrer: "https://www.example.org/a/person?name=secret",
      path: "/models/anna?utm_source=newsletter&utm_medium=email&utm_campaign=autumn",
      isOwnHost,
    }),
  ).toEqual({
    country: "DE",
    device: "desktop",
    browser: "Firefox",
    os: "Windows",
    referrerHost: "example.org",
    utmSource: "newsletter",
    utmMedium: "email",
    utmCampaign: "autumn",
  });
});

test("nothing that is known about a view", () => {
  expect(factsOnly({})).toEqual({});
});

test("a browser that sends no user agent is a bot, a server that does not tell it is none", () => {
  expect(factsOnly({ userAgent: "" })).toEqual({ isBot: true });
  expect(factsOnly({ userAgent: undefined })).toEqual({});
});

describe("country", () => {
  test.for([
    ["8.8.8.8", "US"],
    ["193.99.144.80", "DE"],
    ["133.11.0.1", "JP"],
    ["200.160.2.3", "BR"],
    ["81.2.69.142", "GB"],
    ["2001:4860:4860::8888", "US"],
    ["2A02:2E0:3FE:1001:7777:772E:2:85", "DE"],
    ["2a02:2e0:3fe:1001::85%eth0", "DE"],
    // IPv4 in IPv6, as a server sees it that listens for both.
    ["::ffff:193.99.144.80", "DE"],
    ["::FFFF:c163:9050", "DE"],
    ["0:0:0:0:0:ffff:193.99.144.80", "DE"],
  ] as const)("of %s is %s", ([address, country]) => {
    expect(countryOf(address)).toBe(country);
  });

  test.for([
    ...["10.1.2.3", "172.16.9.9", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.1.1", "0.0.0.0"],
    ...[
      "255.255.255.255",
      "224.0.0.1",
      "192.0.2.1",
      "203.0.113.9",
      "::ffff:10.1.2.3",
      "::1",
      "::",
      "fe80::1%eth0",
    ],
    ...["fd00::1", "ff02::1", "2001:db8::1"],
  ])("of the private or special %s is not known", (address) => {
    expect(countryOf(address)).toBeUndefined();
  });

  test.for([
    "",
    "junk",
    "999.1.1.1",
    "8.8.8",
    "8.8.8.8x",
    "8.8.8.8:80",
    "[2001:4860::1]",
    "::ffff:999.1.1.1",
    "unknown",
    "%",
  ])("of %j, which is no address, is not known", (address) => {
    expect(countryOf(address)).toBeUndefined();
  });

  test("of any address is two letters or nothing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
        expect(countryOf(address) ?? "XX").toMatch(/^[A-Z]{2}$/);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("referrer", () => {
  test.for([
    ["https://www.google.com/search?q=anna", "google.com"],
    ["http://Example.ORG", "example.org"],
    ["https://user:secret@news.example.org:8443/path?query#hash", "news.example.org"],
    ["https://example.org./", "example.org"],
    ["https://www.example.org./", "example.org"],
    ["https://www.com/", "www.com"],
    ["https://www2.example.org/", "www2.example.org"],
    ["https://bücher.example/", "xn--bcher-kva.example"],
    ["http://192.0.2.1/", "192.0.2.1"],
    ["http://[2001:db8::1]:80/", "[2001:db8::1]"],
    ["http://localhost:3000/", "localhost"],
    [" https://example.org/ ", "example.org"],
    [
      `https://${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.example/`,
      /^a{60}\..*example$/,
    ],
  ] as const)("%j is the host %s", ([referrer, host]) => {
    expect(factsOnly({ referrer }).referrerHost).toEqual(
      typeof host === "string" ? host : expect.stringMatching(host),
    );
  });

  test.for([
    ...[
      "",
      " ",
      "example.org",
      "/models/anna",
      "//example.org/",
      "about:client",
      "null",
      "http://",
      "https://?",
    ],
    ...[
      "android-app://com.google.android.gm/",
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
    ],
    ...[
      "ftp://example.org/",
      "http://exa mple.org/",
      "http://[::1",
      "http://%00/",
      "blob:https://example.org/1",
    ],
    `https://${"a".repeat(256)}/`,
    `https://${"ü".repeat(4_000)}.example/`,
  ])("%j leads from no site", (referrer) => {
    expect(factsOnly({ referrer })).toEqual({});
  });

  test("the website itself is no referrer", () => {
    const isOwnHost = (host: string) => host === hostOf("https://www.example.org:8443");
    for (const referrer of [
      "https://example.org/",
      "https://www.EXAMPLE.org/models",
      "http://example.org:3000/",
    ]) {
      expect(factsOnly({ referrer, isOwnHost })).toEqual({});
    }
    for (const referrer of ["https://shop.example.org/", "https://example.org.evil.example/"]) {
      expect(factsOnly({ referrer, isOwnHost })).toHaveProperty("referrerHost");
    }
  });
});

describe("referrer spam", () => {
  test.for([
    // Of the list that comes along.
    ["https://semalt.com/", "semalt.com"],
    ["http://semalt.semalt.com/crawler.php?u=https://example.org", "semalt.semalt.com"],
    ["https://WWW.Buttons-For-Website.com:8080/x?y#z", "buttons-for-website.com"],
    ["https://qiwi.xyz/", "qiwi.xyz"],
    ["https://xn------6cdbciescapvf0a8bibwx0a1bu.xn--90ais/", "xn------6cdbciescapvf0a8bibwx0a1bu.xn--90ais"],
    // Of the owner.
    ["https://spam.example/", "spam.example"],
    ["https://a.b.spam.example./", "a.b.spam.example"],
    ["https://www.pills.example/", "pills.example"],
    ["https://bücher.example/", "xn--bcher-kva.example"],
    ["http://198.51.100.7:8080/", "198.51.100.7"],
  ] as const)("%j is kept, with its host, as a bot's view", ([referrer, referrerHost]) => {
    expect(factsOnly({ referrer })).toEqual({ referrerHost, isBot: true });
  });

  test("what else is known of the view is kept too", () => {
    expect(
      factsOnly({ userAgent: FIREFOX, address: "193.99.144.80", referrer: "https://spam.example/" }),
    ).toEqual({
      country: "DE",
      device: "desktop",
      browser: "Firefox",
      os: "Windows",
      referrerHost: "spam.example",
      isBot: true,
    });
  });

  test.for([
    "https://notsemalt.com/",
    "https://semalt.com.example/",
    "https://example/semalt.com",
    "https://com/",
    "https://google.com/",
    "https://myspam.example/",
    "https://example/",
    "http://198.51.100.77/",
    "http://[2001:db8::1]/",
  ])("%j is none", (referrer) => {
    expect(factsOnly({ referrer })).not.toHaveProperty("isBot");
  });

  test("the website's own host is none, also where the list has it", () => {
    const referrer = "https://www.spam.example/models";
    expect(factsOnly({ referrer, isOwnHost: (host) => host === "spam.example" })).toEqual({});
  });

  test.for([
    "https://spam.example",
    "spam.example/path",
    "spam.example:8080",
    "*.spam.example",
    ".spam.example",
    "com",
    "12345",
    "spam example",
    "spam.example;pills.example",
    "me@spam.example",
    "good.example,spam..example",
    "[2001:db8::1]",
    `${"a".repeat(64)}.${"b.".repeat(120)}example`,
  ])("SPAM_REFERRERS=%s stops the start", (list) => {
    expect(() => spamOf(list)).toThrow(ConfigError);
    expect(() => spamOf(list)).toThrow(/^ {2}SPAM_REFERRERS: must be hosts like spam\.example/m);
  });

  test("SPAM_REFERRERS may be empty", () => {
    expect(spamOf(" , ")).toEqual([]);
  });
});

describe("campaign", () => {
  test.for([
    ["/a?utm_source=x", { utmSource: "x" }],
    ["/a?b=c&utm_medium=e-mail&d", { utmMedium: "e-mail" }],
    ["https://example.org/a?utm_campaign=x", { utmCampaign: "x" }],
    ["?utm_source=x", { utmSource: "x" }],
    ["/a?utm_source=autumn+sale%21", { utmSource: "autumn sale!" }],
    ["/a?utm_source=%F0%9F%98%80", { utmSource: "😀" }],
    ["/a?utm_source=%20%09x%20", { utmSource: "x" }],
    ["/a?utm_source=first&utm_source=second", { utmSource: "first" }],
    ["/a?utm_source=a=b", { utmSource: "a=b" }],
    ["/a?x=?utm_source=b", {}],
    ["/a?utm_source=x#?utm_source=y", { utmSource: "x" }],
    ["/a#?utm_source=x", {}],
    ["/utm_source=x", {}],
    ["/a?utm_source", {}],
    ["/a?utm_source=", {}],
    ["/a?utm_source=%20+", {}],
    ["/a?my_utm_source=x", {}],
    ["/a?utm_term=x&utm_content=y", {}],
    ["/a?UTM_SOURCE=x", {}],
    // What cannot be decoded is replaced, and nothing that PostgreSQL refuses comes out.
    ["/a?utm_source=%", { utmSource: "%" }],
    ["/a?utm_source=%FF", { utmSource: "\ufffd" }],
    ["/a?utm_source=%ED%A0%80", { utmSource: "\ufffd\ufffd\ufffd" }],
    ["/a?utm_source=\ud800", { utmSource: "\ufffd" }],
    ["/a?utm_source=a%00b", { utmSource: "ab" }],
    ["/a?utm_source=%00", {}],
    [`/a?utm_source=${"x".repeat(300)}`, { utmSource: "x".repeat(255) }],
    [`/a?utm_source=${"x".repeat(254)}😀`, { utmSource: "x".repeat(254) }],
    [`/a?utm_source=${"x".repeat(250)}%20%20%20%20%20y`, { utmSource: "x".repeat(250) }],
  ] as const)("%j", ([path, campaign]) => {
    expect(factsOnly({ path })).toEqual(campaign);
  });
});

test("whatever is sent, the facts can be stored", () => {
  const view = {
    id: "0190aaaa-0000-7000-8000-000000000001",
    modelId: "0190aaaa-0000-7000-8000-000000000002",
    viewerIdentifier: "viewer",
    viewedAt: "2026-11-22T12:00:00.000Z",
  };
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.webUrl());
  const utm = fc
    .tuple(
      fc.constantFrom("utm_source", "utm_medium", "utm_campaign"),
      fc.string({ unit: "binary", maxLength: 300 }),
    )
    .map(([name, value]) => `${name}=${value}`);
  const percent = fc.array(fc.integer({ min: 0, max: 255 })).map((bytes) => {
    return `/?utm_source=${bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`;
  });
  const path = fc.oneof(
    text,
    percent,
    fc.array(utm).map((some) => `/?${some.join("&")}`),
  );
  const orNot = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
  fc.assert(
    fc.property(
      orNot(text),
      orNot(fc.oneof(fc.ipV4(), fc.ipV6(), text)),
      orNot(
        fc.oneof(
          text,
          text.map((host) => `http://${host}`),
        ),
      ),
      orNot(path),
      (userAgent, address, referrer, path) => {
        const facts = enrich({ userAgent, address, referrer, path, isOwnHost });
        expect(viewEventSchema.parse({ ...view, ...facts })).toEqual({ ...view, ...facts });
        for (const value of Object.values(facts)) {
          if (typeof value !== "string") continue;
          expect(value.length).toBeGreaterThan(0);
          expect(value.length).toBeLessThanOrEqual(255);
          expect(value).not.toContain("\0");
          expect(value.isWellFormed()).toBe(true);
        }
      },
    ),
    { numRuns: 5_000 },
  );
});

describe("8 KB made to be slow are read at once", () => {
  const CHARS = 8_192;
  const units = [
    "a",
    ".",
    "a.",
    "1",
    "%",
    "%F0",
    "&utm_source=",
    "utm_",
    "?",
    "#",
    "/",
    "(",
    ";",
    " ",
    ":",
    "::",
    "\0",
  ];
  const beginnings: [keyof EnrichmentSources, string[]][] = [
    ["userAgent", ["", "Mozilla/5.0 (Linux; Android 9; ", "Mozilla/5.0 (X11; Linux x86_64) ", "SAMSUNG-"]],
    ["address", ["", "::ffff:", "2001:", "0:", "1."]],
    ["referrer", ["", "https://", "https://semalt.com.", " ", "http://["]],
    ["path", ["", "/?", "/?utm_source=", "/?utm_source=%"]],
  ];

  test.for(beginnings)("as %s", ([field, starts]) => {
    for (const start of starts) {
      for (const unit of units) {
        const text = (start + unit.repeat(CHARS)).slice(0, CHARS);
        const tries = Array.from({ length: 3 }, () => {
          const began = performance.now();
          // Another text each time, so that no answer is remembered.
          factsOnly({ [field]: text.slice(0, -8) + Math.random().toString(36).slice(2, 10) });
          return performance.now() - began;
        });
        // Best of three, for busy machines.
        expect(Math.min(...tries), JSON.stringify([field, start, unit])).toBeLessThan(20);
      }
    }
  });
});

describe("what is remembered", () => {
  const remembering = (max: number) => {
    const computed: string[] = [];
    const remembered = rememberRecent(max, (key) => {
      computed.push(key);
      return { key };
    });
    return { computed, ask: (keys: string) => [...keys].map((key) => remembered(key).key).join("") };
  };

  test("is computed once", () => {
    const { computed, ask } = remembering(2);
    expect(ask("abab")).toBe("abab");
    expect(computed.join("")).toBe("ab");
  });

  test("is forgotten when others were asked for more recently", () => {
    const { computed, ask } = remembering(2);
    expect(ask("abacab")).toBe("abacab");
    expect(computed.join("")).toBe("abcb");
  });
});
