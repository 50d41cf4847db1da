import type { IncomingMessage } from "node:http";
import { createApiKeyCheck } from "@model-views/shared/http/api-keys.ts";
import { credentialsOf, isLoopbackHost } from "@model-views/shared/http/credentials.ts";
import { describe, expect, test } from "vitest";

/** Whether a request is let in that a program on this machine may have sent, in development without keys. */
function isLetIn(headers: Record<string, string>, httpVersion = "1.1"): boolean {
  const request = { headers, httpVersion, socket: { remoteAddress: "127.0.0.1" } };
  return createApiKeyCheck([], { isDevelopment: true })(credentialsOf(request as unknown as IncomingMessage));
}

test.for([
  ["127.0.0.1:4002", true],
  ["127.0.0.1", true],
  ["127.1.2.3:80", true],
  ["localhost:4002", true],
  ["LOCALHOST", true],
  ["api.localhost:4002", true],
  ["[::1]:4002", true],
  ["rebind.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["localhost.evil.example:4002", false],
  ["evil.example:127", false],
  ["192.168.1.7:4002", false],
  ["0.0.0.0:4002", false],
  ["", false],
  [undefined, false],
] as const)("Host %s names this machine: %s", ([host, expected]) => {
  expect(isLoopbackHost(host)).toBe(expected);
});

describe("in development without keys, a request from this machine", () => {
  const host = "127.0.0.1:4002";

  test("is let in by a name of this machine", () => {
    expect(isLetIn({ host })).toBe(true);
    expect(isLetIn({ host: "rebind.evil.example" })).toBe(false);
  });

  test.for([
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "via",
    "x-forwarded-host",
    "x-forwarded-proto",
    "cf-connecting-ip",
  ])("is not let in with %s, which proxies add", (name) => {
    expect(isLetIn({ host, [name]: "127.0.0.1" })).toBe(false);
  });

  test("is not let in by HTTP/1.0, which nginx speaks when it adds nothing", () => {
    expect(isLetIn({ host }, "1.0")).toBe(false);
  });
});
