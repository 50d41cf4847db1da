import { describe, expect, test } from "vitest";
import { isPrefetch } from "../src/is-prefetch.ts";
import { asksForPrivacy } from "../src/privacy-signals.ts";
import { viewMetadata } from "../src/view-metadata.ts";

/** The forms in which frameworks give the headers of a request. */
const FORMS = [
  ["Headers", (headers: Record<string, string>) => new Headers(headers)],
  [
    "an object with get, as Next.js and Express have it",
    (headers: Record<string, string>) => {
      const all = new Headers(headers);
      return { get: (name: string) => all.get(name) ?? undefined };
    },
  ],
  [
    "the plain object of Node",
    (headers: Record<string, string>) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  ],
  ["a plain object with the names as sent", (headers: Record<string, string>) => headers],
  [
    "a plain object of lists",
    (headers: Record<string, string>) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  ],
] as const;

describe.for(FORMS)("headers as %s", ([, form]) => {
  test("show that the visitor asks for privacy", () => {
    expect(asksForPrivacy(form({ "Sec-GPC": "1" }))).toBe(true);
    expect(asksForPrivacy(form({ DNT: "1" }))).toBe(true);
    expect(asksForPrivacy(form({ "Sec-GPC": "0", DNT: "0" }))).toBe(false);
    expect(asksForPrivacy(form({ DNT: "unspecified" }))).toBe(false);
    expect(asksForPrivacy(form({}))).toBe(false);
  });

  test.for([
    ["Sec-Purpose", "prefetch"],
    ["Sec-Purpose", "prefetch;prerender"],
    ["Purpose", "prefetch"],
    ["Purpose", "Prefetch"],
    ["X-Purpose", "preview"],
    ["X-Sec-Purpose", "prefetch"],
    ["X-Moz", "prefetch"],
    ["Next-Router-Prefetch", "1"],
    ["Next-Router-Segment-Prefetch", "/_tree"],
    ["X-Middleware-Prefetch", "1"],
    ["HX-Preloaded", "true"],
  ] as const)("show a prefetch: %s: %s", ([name, value]) => {
    expect(isPrefetch(form({ [name]: value }))).toBe(true);
  });

  test("show a visit", () => {
    expect(isPrefetch(form({}))).toBe(false);
    expect(isPrefetch(form({ "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }))).toBe(false);
    expect(isPrefetch(form({ Purpose: "navigation" }))).toBe(false);
  });

  test("give the metadata of a view", () => {
    const headers = form({
      "X-Real-IP": "203.0.113.9:4711",
      "X-Forwarded-For": "8.8.8.8",
      "User-Agent": "A browser",
      Referer: "https://search.example/",
    });
    expect(viewMetadata(headers, { addressHeader: "X-Real-IP", path: "/anna" })).toEqual({
      ipAddress: "203.0.113.9",
      userAgent: "A browser",
      referrer: "https://search.example/",
      path: "/anna",
    });
  });

  test("give no address from a header that is not named: any visitor can send any header", () => {
    const headers = form({
      "X-Forwarded-For": "8.8.8.8",
      "X-Real-IP": "8.8.8.8",
      "CF-Connecting-IP": "8.8.8.8",
    });
    expect(viewMetadata(headers).ipAddress).toBeUndefined();
    expect(viewMetadata(headers, { addressHeader: "x-other" }).ipAddress).toBeUndefined();
  });
});
