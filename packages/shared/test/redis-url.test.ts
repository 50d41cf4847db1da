import { readRedisUrl } from "@model-views/shared/runtime/redis-url.ts";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";

/** What ioredis makes of the URL that is made of this one. */
function connectionOf(given: string) {
  const read = readRedisUrl(given);
  if ("wrong" in read) throw new Error(read.wrong);
  const { username, password, host, port, db, tls } = new Redis(read.url, { lazyConnect: true }).options;
  return { username: username ?? "", password, host, port, db: Number(db), isEncrypted: tls !== undefined };
}

const usual = { username: "", password: "p", host: "h", port: 6379, db: 0, isEncrypted: false };

describe("a Redis URL means what was typed", () => {
  test.for([
    ["the usual one", "redis://:p@h:6379", {}],
    ["spaces around it", " redis://:p@h\n", {}],
    ["a user, a database, a port", "redis://u:p@h:7/2", { username: "u", port: 7, db: 2 }],
    ["with TLS", "rediss://:p@h", { isEncrypted: true }],
    ["IPv6", "redis://:p@[::1]:6379", { host: "::1" }],
    ["a raw # in the password", "redis://:p#1@h", { password: "p#1" }],
    ["a raw ? in the password", "redis://:12?3@h", { password: "12?3" }],
    ["a raw % in the password", "redis://:100%@h", { password: "100%" }],
    ["a raw @ in the password", "redis://:p@1@h", { password: "p@1" }],
    ["a raw : in the password", "redis://:p:1@h", { password: "p:1" }],
    ["all of them, and a port", "redis://u:a%#?:b@h:7", { username: "u", password: "a%#?:b", port: 7 }],
    ["an encoded password", "redis://:p%23%2F%40%25@h", { password: "p#/@%" }],
  ] as const)("%s", ([, given, differs]) => {
    expect(connectionOf(given)).toEqual({ ...usual, ...differs });
  });
});

describe("a Redis URL that could mean somewhere else is refused, with what to do", () => {
  test.for([
    ["of something else", "http://h", /must be a URL that begins with redis:\/\/ or rediss:\/\//],
    ["without a scheme", "localhost:6379", /must be a URL that begins with redis:\/\//],
    ["a raw / in the password", "redis://:p/1@h", /write \/ as %2F/],
    ["a raw / behind digits", "redis://u:1/2@h", /write \/ as %2F/],
    ["a raw # behind a raw @", "redis://:p@1#2@h", /# as %23/],
    ["a raw ? like a parameter's", "redis://u:1?a=2@h", /\? as %3F/],
    ["a code that is no letter", "redis://:%ff@h", /% as %25/],
    ["a database that is no number", "redis://h/views", /database that is no number.*6379\/0/],
    ["no host", "redis:///0", /names no host/],
  ] as const)("%s", ([, given, wrong]) => {
    expect(readRedisUrl(given)).toEqual({ wrong: expect.stringMatching(wrong) });
  });
});
