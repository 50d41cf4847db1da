import { describe, expect, test } from "vitest";
import { fetchCookies, h3Cookies, nodeCookies } from "../src/cookies.ts";
import { getOrCreateViewerIdentifier, getViewerIdentifier } from "../src/viewer-identifier.ts";
import { serve } from "./serve.ts";

const settings = { salt: "a salt for tests", isProduction: true };
const VIEWER_ID = "0190cccc-0000-4000-8000-00000000000c";
const SET_COOKIE = /^viewer_id=[0-9a-f-]{36}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax; Secure$/;

/** Handles a request with the cookie stores of this package. */
type Exchange = (
  cookie: string | undefined,
) => Promise<{ identifiers: (string | null)[]; setCookies: string[] }>;

const throughNode: Exchange = async (cookie) => {
  let identifiers: (string | null)[] = [];
  const server = await serve(async (request, response) => {
    response.setHeader("Set-Cookie", "session=1; Path=/");
    // Two stores, because a middleware and a handler share none.
    const first = await getOrCreateViewerIdentifier(nodeCookies(request, response), settings);
    const second = await getViewerIdentifier(nodeCookies(request, response), settings);
    identifiers = [first, second];
    response.end();
  });
  const { headers } = await fetch(server.url, cookie === undefined ? {} : { headers: { cookie } });
  await server.close();
  return { identifiers, setCookies: headers.getSetCookie() };
};

const throughFetch: Exchange = async (cookie) => {
  const requestHeaders = new Headers(cookie === undefined ? {} : { cookie });
  const responseHeaders = new Headers({ "Set-Cookie": "session=1; Path=/" });
  const first = await getOrCreateViewerIdentifier(fetchCookies(requestHeaders, responseHeaders), settings);
  const second = await getViewerIdentifier(fetchCookies(requestHeaders, responseHeaders), settings);
  return { identifiers: [first, second], setCookies: responseHeaders.getSetCookie() };
};

/** With an event of h3, version 2. The tests of the installed package use both real versions. */
const throughH3: Exchange = async (cookie) => {
  const headers = new Headers({ "Set-Cookie": "session=1; Path=/" });
  const event = { req: { headers: new Headers(cookie === undefined ? {} : { cookie }) }, res: { headers } };
  const first = await getOrCreateViewerIdentifier(h3Cookies(event), settings);
  const second = await getViewerIdentifier(h3Cookies(event), settings);
  return { identifiers: [first, second], setCookies: headers.getSetCookie() };
};

describe.for([
  ["nodeCookies", throughNode],
  ["fetchCookies", throughFetch],
  ["h3Cookies", throughH3],
] as const)("%s", ([, exchange]) => {
  test("sets a cookie for a year for a first visitor, and finds it in the same request", async () => {
    const { identifiers, setCookies } = await exchange("other=1");
    expect(setCookies).toEqual(["session=1; Path=/", expect.stringMatching(SET_COOKIE)]);
    expect(identifiers[0]).toHaveLength(64);
    expect(identifiers[1]).toBe(identifiers[0]);
    const [viewerCookie = ""] = setCookies[1]?.split(";") ?? [];
    expect(await exchange(`other=1; ${viewerCookie}`)).toEqual({
      identifiers,
      setCookies: ["session=1; Path=/"],
    });
  });

  test.for([
    ["among others", `a=1; viewer_id=${VIEWER_ID}; b=2`],
    ["in quotes", `viewer_id="${VIEWER_ID}"`],
    ["after one whose name ends alike", `other_viewer_id=1; viewer_id=${VIEWER_ID}`],
    ["the first of two", `viewer_id=${VIEWER_ID}; viewer_id=0190dddd-0000-4000-8000-00000000000d`],
    ["beside one that cannot be decoded", `bad=%E0%A4%A; viewer_id=${VIEWER_ID}`],
  ] as const)("finds the cookie %s", async ([, cookie]) => {
    const expected = await getViewerIdentifier({ get: () => VIEWER_ID }, settings);
    expect(await exchange(cookie)).toEqual({
      identifiers: [expected, expected],
      setCookies: ["session=1; Path=/"],
    });
  });
});

test("nodeCookies throws when the headers were sent before a cookie is set", async () => {
  const failed = Promise.withResolvers<unknown>();
  const server = await serve(async (request, response) => {
    response.flushHeaders();
    await getOrCreateViewerIdentifier(nodeCookies(request, response), settings).catch(failed.resolve);
    response.end();
  });
  await (await fetch(server.url)).text();
  await server.close();
  expect(await failed.promise).toMatchObject({ code: "ERR_HTTP_HEADERS_SENT" });
});
