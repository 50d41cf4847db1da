import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clipUserAgent, userAgentFacts } from "../src/facts/user-agent-facts.ts";

const CHROME = "(KHTML, like Gecko) Chrome/142.0.0.0";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPAD = "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

describe("a browser", () => {
  test.for<[string, string, string]>([
    ["Chrome on Windows", `${WINDOWS} ${CHROME} Safari/537.36`, "desktop Chrome Windows"],
    ["Chrome on a Mac", `${MAC} AppleWebKit/537.36 ${CHROME} Safari/537.36`, "desktop Chrome macOS"],
    [
      "Chrome on Linux",
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${CHROME} Safari/537.36`,
      "desktop Chrome Linux",
    ],
    [
      "Chrome on a Chromebook",
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 ${CHROME} Safari/537.36`,
      "desktop Chrome Chrome OS",
    ],
    ["Chrome on a phone", `${ANDROID} ${CHROME} Mobile Safari/537.36`, "mobile Chrome Android"],
    ["Chrome on an Android tablet", `${ANDROID} ${CHROME} Safari/537.36`, "tablet Chrome Android"],
    ["Chrome on an iPhone", `${IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`, "mobile Chrome iOS"],
    [
      "Firefox on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "desktop Firefox Windows",
    ],
    [
      "Firefox on a Mac",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
      "desktop Firefox macOS",
    ],
    [
      "Firefox on a phone",
      "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
      "mobile Firefox Android",
    ],
    ["Firefox on an iPad", `${IPAD} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`, "tablet Firefox iOS"],
    [
      "Firefox on FreeBSD",
      "Mozilla/5.0 (X11; FreeBSD amd64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "desktop Firefox -",
    ],
    [
      "Safari on a Mac",
      `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`,
      "desktop Safari macOS",
    ],
    ["Safari on an iPhone", `${IPHONE} Version/26.1 Mobile/15E148 Safari/604.1`, "mobile Safari iOS"],
    ["Safari on an iPad", `${IPAD} Version/26.1 Mobile/15E148 Safari/604.1`, "tablet Safari iOS"],
    ["Edge on Windows", `${WINDOWS} ${CHROME} Safari/537.36 Edg/142.0.0.0`, "desktop Microsoft Edge Windows"],
    [
      "Edge on a phone",
      `${ANDROID} ${CHROME} Mobile Safari/537.36 EdgA/142.0.0.0`,
      "mobile Microsoft Edge Android",
    ],
    [
      "Edge on an iPhone",
      `${IPHONE} Version/18.0 EdgiOS/142.0.3595.65 Mobile/15E148 Safari/605.1.15`,
      "mobile Microsoft Edge iOS",
    ],
    ["Opera", `${WINDOWS} ${CHROME} Safari/537.36 OPR/125.0.0.0`, "desktop Opera Windows"],
    [
      "Samsung's",
      `${ANDROID} (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
      "mobile Samsung Internet for Android Android",
    ],
    [
      "Instagram's own window",
      `${IPHONE} Mobile/22H20 Instagram 400.0.0.20.92 (iPhone15,2; iOS 18_7; de_DE; de; scale=3.00; 1179x2556; 7)`,
      "mobile Safari iOS",
    ],
    [
      "Google's app, which is no bot of Google's",
      `${IPHONE} GSA/390.0.820000000 Mobile/15E148 Safari/604.1`,
      "mobile Google Search iOS",
    ],
    [
      "Yahoo Japan's app, which is no bot of Yahoo's",
      `${IPHONE} Mobile/15E148 YJApp-IOS jp.co.yahoo.ipn.appli/4.150.0`,
      "mobile - iOS",
    ],
    [
      "a Samsung television",
      "Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36",
      "tv Tizen Tizen",
    ],
    [
      "an LG television",
      `Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 ${CHROME} Safari/537.36 WebAppManager`,
      "tv WebOS Browser WebOS",
    ],
    [
      "a television with Android",
      `Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH21) AppleWebKit/537.36 ${CHROME} Safari/537.36`,
      "tv Chrome Android",
    ],
    [
      "a Fire TV",
      "Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 (KHTML, like Gecko) Silk/142.3.1 like Chrome/142.0 Safari/537.36",
      "tv Amazon Silk Android",
    ],
    [
      "a Fire tablet",
      "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/142.3.1 like Chrome/142.0 Safari/537.36",
      "tablet Amazon Silk Android",
    ],
    [
      "a PlayStation 5",
      "Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
      "tv Safari -",
    ],
    [
      "an Xbox",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edge/44.18363.8131",
      "tv Microsoft Edge Windows",
    ],
    ["something that names itself", "PleaseListMe/1.0 (Something; Else)", "- - -"],
  ])("is %s", ([, userAgent, expected]) => {
    const { device = "-", browser = "-", os = "-", isBot } = userAgentFacts(userAgent);
    expect({ facts: `${device} ${browser} ${os}`, isBot }).toEqual({ facts: expected, isBot: undefined });
  });
});

describe("a bot, of no device and no system,", () => {
  test.for<[string, string, string?]>([
    ["Googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"],
    [
      "Googlebot, as a phone",
      `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 ${CHROME} Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
      "Googlebot",
    ],
    ["Bing", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "BingCrawler"],
    [
      "GPTBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
      "GPTBot",
    ],
    [
      "ClaudeBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
      "ClaudeBot",
    ],
    [
      "Facebook's preview",
      "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
      "FacebookExternalHit",
    ],
    [
      "Applebot, which claims to be Safari",
      `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)`,
    ],
    ["Ahrefs", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"],
    ["Common Crawl", "CCBot/2.0 (https://commoncrawl.org/faq/)"],
    [
      "a browser without a window",
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36`,
    ],
    ["curl", "curl/8.14.1"],
    ["Wget", "Wget/1.21.3"],
    ["Python", "python-requests/2.32.3"],
    ["Go", "Go-http-client/2.0"],
    ["Node", "node"],
    ["nobody", ""],
    ["nobody, in blanks", " \t "],
  ])("is %s", ([, userAgent, browser]) => {
    expect(userAgentFacts(userAgent)).toEqual(
      browser === undefined ? { isBot: true } : { isBot: true, browser },
    );
  });
});

describe("a user agent made to be slow", () => {
  const beginnings = [
    ...[
      "",
      "Mozilla/5.0 (",
      "version/",
      "Version/1",
      "mac os x ",
      "Macintosh; mac os x 1",
      "iphone os ",
      "os 1",
    ],
    ...[
      "android ",
      "Opera/",
      "Edg/",
      "MSIE ",
      "Chrome/",
      "compatible; ",
      "Nokia ",
      "tizen ",
      "windows phone os ",
    ],
  ];
  const repeated = [
    "1",
    "1.",
    "1_",
    "._1",
    "a",
    " ",
    "\t",
    "/",
    "a/",
    "/ (",
    "(",
    "()",
    "-",
    ";a ",
    "; ",
    "@a-",
    "%",
  ];

  test.for(beginnings)("is read at once: %j, and then the same again and again", (beginning) => {
    for (const unit of repeated) {
      const userAgent = `${(beginning + unit.repeat(1_024)).slice(0, 1_023)}\u0000`;
      const tries = Array.from({ length: 3 }, () => {
        const began = performance.now();
        userAgentFacts(userAgent);
        return performance.now() - began;
      });
      // 130,000 such took 2 ms at most; what backtracks without end takes seconds. Best of three, for busy machines.
      expect(Math.min(...tries), `repeating ${JSON.stringify(unit)}`).toBeLessThan(20);
    }
  });
});

test("any text is read without an error, into names from the lists only", () => {
  const pieces = [
    "Mozilla/5.0",
    "(",
    ")",
    "Chrome/1",
    "Safari",
    "iPhone",
    "Android 9",
    "like",
    "; ",
    "/",
    "bot",
    "TV",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 1_024 }),
    fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 })
      .map((some) => some.join(" ")),
  );
  fc.assert(
    fc.property(text, (userAgent) => {
      const { device, browser, os } = userAgentFacts(userAgent);
      expect([undefined, "desktop", "mobile", "tablet", "tv"]).toContain(device);
      for (const name of [browser, os])
        expect(name ?? "Known").toMatch(/^[A-Z0-9][\w -]{0,39}$|^iOS$|^macOS$/);
    }),
    { numRuns: 2_000 },
  );
});

test("a user agent is cut to 1,024 characters, without holding on to the rest", () => {
  expect(clipUserAgent("x".repeat(1_024))).toBe("x".repeat(1_024));
  expect(clipUserAgent("x".repeat(16_000))).toBe("x".repeat(1_024));
  expect(clipUserAgent(`${"x".repeat(1_023)}😀`).isWellFormed()).toBe(true);
});
