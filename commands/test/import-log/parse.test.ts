import { describe, expect, test } from "vitest";
import { parseLogTime, pathOf, unescapeLogText } from "../../import-log/hit.ts";
import { parseLine } from "../../import-log/parse-line.ts";

const TIME = "17/May/2015:10:05:03 +0000";
/** A complete line, changed where a case needs it. */
function line({
  address = "192.0.2.7",
  user = "- -",
  time = TIME,
  request = "GET /a HTTP/1.1",
  end = "200 5",
}) {
  return `${address} ${user} [${time}] "${request}" ${end}`;
}

describe("parseLine", () => {
  const hit = { address: "192.0.2.7", viewedAt: new Date("2015-05-17T10:05:03Z"), path: "/a" };

  test.each([
    [
      "Combined Log Format",
      line({ end: '200 5 "https://a.example/" "UA 1"' }),
      { ...hit, referrer: "https://a.example/", userAgent: "UA 1" },
    ],
    ["Common Log Format has neither referrer nor user agent", line({}), hit],
    ["a dash is no referrer and no user agent", line({ end: '200 5 "-" "-"' }), hit],
    ["no bytes were sent", line({ end: "200 -" }), hit],
    [
      "quotes inside a quoted field are escaped",
      line({ end: String.raw`200 5 "-" "a \"b\" \\"` }),
      { ...hit, userAgent: 'a "b" \\' },
    ],
    ["an IPv6 address", line({ address: "2001:db8::7" }), { ...hit, address: "2001:db8::7" }],
    [
      "a host name in place of an address",
      line({ address: "host.example" }),
      { ...hit, address: "host.example" },
    ],
    ["a user name with spaces and brackets", line({ user: "- Ann [x] Lee" }), hit],
    ["the query string is cut off", line({ request: "GET /a?b=/c#d HTTP/1.1" }), hit],
    [
      "the campaign is kept, and nothing else of the query string",
      line({ request: "GET /a?secret=1&utm_source=newsletter&utm_medium=e%20mail#utm_x=1 HTTP/1.1" }),
      { ...hit, campaign: "utm_source=newsletter&utm_medium=e%20mail" },
    ],
    [
      "Debian's other_vhosts_access.log: the virtual host with its port in front",
      line({ address: "www.example.org:443 203.0.113.1" }),
      { ...hit, address: "203.0.113.1", host: "www.example.org" },
    ],
    [
      "the virtual host without a port",
      line({ address: "www.example.org 2001:db8::1" }),
      { ...hit, address: "2001:db8::1", host: "www.example.org" },
    ],
    [
      "a server that was asked by its address",
      line({ address: "192.0.2.80:80 203.0.113.1" }),
      { ...hit, address: "203.0.113.1", host: "192.0.2.80" },
    ],
    [
      "the virtual host before a name that was looked up",
      line({ address: "www.example.org:80 client.example" }),
      { ...hit, address: "client.example", host: "www.example.org" },
    ],
    [
      "a list of X-Forwarded-For in front",
      line({ address: "203.0.113.1, 10.0.0.7" }),
      { ...hit, address: "203.0.113.1" },
    ],
    ["an address with a port", line({ address: "203.0.113.1:54321" }), { ...hit, address: "203.0.113.1" }],
    ["HTTP/0.9 has no protocol", line({ request: "GET /a" }), hit],
    ["HTTP/2.0", line({ request: "GET /a HTTP/2.0" }), hit],
    [
      "an absolute-form target is reduced to its path",
      line({ request: "GET http://a.example:80/a?b HTTP/1.1" }),
      hit,
    ],
    ["a raw space in the path", line({ request: "GET /a b HTTP/1.1" }), { ...hit, path: "/a b" }],
    [
      "fields after the user agent are ignored",
      line({ end: '200 5 "-" "UA 1" "192.0.2.9" 0.004' }),
      { ...hit, userAgent: "UA 1" },
    ],
    ["a time with an offset", line({ time: "17/May/2015:12:35:03 +0230" }), hit],
  ])("%s", (_name, text, expected) => {
    expect(parseLine(text)).toEqual({
      kind: "hit",
      hit: { campaign: undefined, host: undefined, referrer: undefined, userAgent: undefined, ...expected },
    });
  });

  test.each([
    ["another method", line({ request: "POST /a HTTP/1.1" })],
    ["HEAD is no GET", line({ request: "HEAD /a HTTP/1.1" })],
    ["a status that is not 200", line({ end: "304 -" })],
    ["no request at all", line({ request: "-", end: "408 -" })],
    ["a TLS greeting to a port without TLS", line({ request: String.raw`\x16\x03\x01`, end: "400 226" })],
    ["a wrong time, in a line that is not a view", line({ time: "nonsense", end: "404 1" })],
    ["an empty line", ""],
  ])("skips %s", (_name, text) => {
    expect(parseLine(text)).toEqual({ kind: "skipped" });
  });

  test.each([
    ["a line cut off within the user agent", line({ end: '200 5 "-" "Mozilla/5.0 (X' })],
    ["a line cut off after the referrer", line({ end: '200 5 "-"' })],
    ["a line cut off within the request", '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /a'],
    ["a line cut off within the time", "192.0.2.7 - - [17/May/20"],
    ["a field that ends with an escaped quote", line({ end: String.raw`200 5 "-" "UA\"` })],
    ["not a log line", "#Fields: date time"],
    ["a virtual host alone, with no client", line({ address: "www.example.org:443 -" })],
    ["two names, either of which may be the client", line({ address: "www.example.org client.example" })],
    ["no client", line({ address: "-" })],
    ["a socket for a client", line({ address: "unix:" })],
    ["JSON that is cut off", '{"level":"info","ts":1'],
    ["JSON of something else", '{"a":1}'],
    ["a date that does not exist", line({ time: "30/Feb/2015:10:05:03 +0000" })],
    ["a target without a path", line({ request: "GET * HTTP/1.1" })],
    ["no target", line({ request: "GET  HTTP/1.1" })],
    ["a path longer than a model's name may be", line({ request: `GET /${"a".repeat(1_024)} HTTP/1.1` })],
    ["a NUL in the path", line({ request: String.raw`GET /a\x00 HTTP/1.1` })],
  ])("is bad: %s", (_name, text) => {
    expect(parseLine(text)).toMatchObject({ kind: "bad", reason: expect.any(String) });
  });

  const UA = "UA 1";
  test.each([
    [
      "Caddy",
      {
        level: "info",
        ts: 1431857103.25,
        logger: "http.log.access",
        msg: "handled request",
        request: {
          remote_ip: "10.0.0.1",
          client_ip: "203.0.113.1",
          proto: "HTTP/2.0",
          method: "GET",
          host: "www.example.org:443",
          uri: "/a?utm_source=x&b=1",
          headers: { "User-Agent": [UA], Referer: ["https://a.example/"] },
        },
        status: 200,
      },
      "2015-05-17T10:05:03.250Z",
    ],
    [
      "Traefik",
      {
        ClientAddr: "203.0.113.1:54321",
        ClientHost: "203.0.113.1",
        RequestMethod: "GET",
        RequestHost: "www.example.org",
        RequestPath: "/a?utm_source=x&b=1",
        DownstreamStatus: 200,
        StartUTC: "2015-05-17T10:05:03.250000001Z",
        "request_User-Agent": UA,
        request_Referer: "https://a.example/",
      },
      "2015-05-17T10:05:03.250Z",
    ],
    [
      "nginx, with the request as one field",
      {
        time_local: "17/May/2015:10:05:03 +0000",
        remote_addr: "203.0.113.1",
        request: "GET /a?utm_source=x&b=1 HTTP/2.0",
        status: "200",
        http_referer: "https://a.example/",
        http_user_agent: UA,
        host: "www.example.org",
      },
      "2015-05-17T10:05:03.000Z",
    ],
    [
      "nginx, with its parts, and the time in seconds",
      {
        msec: "1431857103.250",
        remote_addr: "203.0.113.1",
        request_method: "GET",
        request_uri: "/a?utm_source=x&b=1",
        status: 200,
        http_referer: "https://a.example/",
        http_user_agent: UA,
        http_host: "www.example.org",
      },
      "2015-05-17T10:05:03.250Z",
    ],
  ])("reads JSON of %s", (_name, json, at) => {
    expect(parseLine(JSON.stringify(json))).toEqual({
      kind: "hit",
      hit: {
        address: "203.0.113.1",
        viewedAt: new Date(at),
        path: "/a",
        campaign: "utm_source=x",
        host: "www.example.org",
        referrer: "https://a.example/",
        userAgent: UA,
      },
    });
    expect(parseLine(JSON.stringify(json).replace(/200(?=[,}"])/, "404"))).toEqual({ kind: "skipped" });
    expect(parseLine(JSON.stringify(json).replaceAll("203.0.113.1", "-").replace("10.0.0.1", "-")).kind).toBe(
      "bad",
    );
  });

  test("skips other messages of Caddy", () => {
    const line = { level: "info", ts: 1, msg: "serving initial configuration" };
    expect(parseLine(JSON.stringify(line))).toEqual({ kind: "skipped" });
  });

  test("a path of exactly a model's name's length is taken", () => {
    expect(parseLine(line({ request: `GET /${"a".repeat(1_023)} HTTP/1.1` })).kind).toBe("hit");
  });

  test("a hostile line costs one pass", () => {
    expect(parseLine(`a ${'[b] "'.repeat(13_000)}`).kind).toBe("bad");
    expect(parseLine(`a - - [${TIME}] "GET ${"\\\\".repeat(30_000)}`).kind).toBe("bad");
  }, 1_000);
});

describe("parseLogTime", () => {
  test.each([
    ["UTC", "17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03.000Z"],
    ["east of Greenwich", "01/Jan/2016:00:30:00 +0100", "2015-12-31T23:30:00.000Z"],
    ["west of it", "31/Dec/2015:20:00:00 -0430", "2016-01-01T00:30:00.000Z"],
    ["a leap day", "29/Feb/2016:12:00:00 +0000", "2016-02-29T12:00:00.000Z"],
    ["a leap second", "31/Dec/2016:23:59:60 +0000", "2017-01-01T00:00:00.000Z"],
    ["no leap day that year", "29/Feb/2015:12:00:00 +0000", undefined],
    ["the 0th", "00/May/2015:12:00:00 +0000", undefined],
    ["the 31st of a month of 30 days", "31/Apr/2015:12:00:00 +0000", undefined],
    ["a month in German", "17/Mai/2015:10:05:03 +0000", undefined],
    ["hour 24", "17/May/2015:24:00:00 +0000", undefined],
    ["minute 60", "17/May/2015:10:60:00 +0000", undefined],
    ["the year 15", "17/May/0015:10:05:03 +0000", undefined],
    ["an offset of a day", "17/May/2015:10:05:03 +2400", undefined],
    ["no offset", "17/May/2015:10:05:03", undefined],
    ["another format", "2015-05-17T10:05:03Z", undefined],
  ])("%s", (_name, text, iso) => {
    expect(parseLogTime(text)?.toISOString()).toBe(iso);
  });
});

describe("pathOf", () => {
  test.each([
    ["/", "/"],
    ["/a/b/?c", "/a/b/"],
    ["/a#b?c", "/a"],
    ["//a/b", "//a/b"],
    ["/http://a/b", "/http://a/b"],
    ["HTTPS://a.example", "/"],
    ["http://a.example?b", "/"],
    ["http:///a", undefined],
    ["*", undefined],
    ["a.example:443", undefined],
    ["", undefined],
  ])("%s is %s", (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});

describe("unescapeLogText", () => {
  test.each([
    ["nothing escaped", "é a", "é a"],
    ["what Apache escapes", String.raw`\"a\" \\ \t`, '"a" \\ \t'],
    ["UTF-8 in hexadecimal, as nginx writes it", String.raw`\xD0\x9F\xd1\x80`, "Пр"],
    ["bytes that are not UTF-8 stay as they are", String.raw`\xe4\xe5 \"`, String.raw`\xe4\xe5 \"`],
    ["a backslash that escapes nothing", String.raw`C:\dir`, String.raw`C:\dir`],
  ])("%s", (_name, text, expected) => {
    expect(unescapeLogText(text)).toBe(expected);
  });
});
