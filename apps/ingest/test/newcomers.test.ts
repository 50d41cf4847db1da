import { describe, expect, test } from "vitest";
import { createNewcomers, type Newcomer } from "../src/viewer/newcomers.ts";

const salt = "a salt for tests, of 32 characters";
const start = new Date("2026-11-22T12:00:00Z").getTime();
const browser = {
  address: "203.0.113.9",
  userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
  language: "de-DE,de;q=0.9",
  dailySalt: "5a".repeat(32),
};
const UUID_V8 = /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** One replica; `meet` returns the id under which a view counts, and the id that becomes the cookie. */
function aReplica(idsMax?: number) {
  const newcomers = createNewcomers(idsMax === undefined ? { salt } : { salt, idsMax });
  const meet = (afterSeconds: number, other: Partial<Newcomer> = {}) =>
    newcomers.meet({ ...browser, now: new Date(start + afterSeconds * 1_000), ...other });
  const cameBack = (viewerId: string, other: Partial<Newcomer> = {}) =>
    newcomers.cameBack(viewerId, { ...browser, now: new Date(start), ...other });
  return { meet, cameBack };
}

describe("a browser without a cookie", () => {
  test("is one viewer in all its first posts, in every replica, and gets that viewer's cookie", () => {
    const [one, other] = [aReplica(), aReplica()];
    const first = one.meet(0);
    expect(first.viewerId).toMatch(UUID_V8);
    expect(first.cookieId).toBe(first.viewerId);
    expect([one.meet(1), one.meet(29), other.meet(2)]).toEqual([first, first, first]);
  });

  test.for([
    ["another replica", true],
    ["one that was not asked by it", false],
  ] as const)("that comes back to %s is another viewer than the next person there: %s", ([, asks]) => {
    const [one, other] = [aReplica(), aReplica()];
    const first = one.meet(0);
    if (asks) other.cameBack(first.cookieId);
    expect(other.meet(20_000).cookieId === first.cookieId).toBe(!asks);
  });

  test("does not come back with the id of another browser", () => {
    const [one, other] = [aReplica(), aReplica()];
    const first = one.meet(0);
    other.cameBack(first.cookieId, { address: "203.0.113.10" });
    expect(other.meet(20_000)).toEqual(first);
  });

  test("that refuses cookies is one viewer for the day", () => {
    const { meet } = aReplica();
    const { viewerId } = meet(0);
    const later = [40, 3_600, 7_200].map((seconds) => meet(seconds).viewerId);
    expect(later).toEqual([viewerId, viewerId, viewerId]);
  });

  test("gets a random cookie once the first one has not come back for 30 s, so that no two people share it", () => {
    const { meet } = aReplica();
    const { viewerId } = meet(0);
    const later = [30, 31].map((seconds) => meet(seconds).cookieId);
    expect(new Set([viewerId, ...later]).size).toBe(3);
    for (const id of later) expect(id).not.toMatch(UUID_V8);
  });

  test("is another viewer when the one before has come back with its cookie, and is treated the same way", () => {
    const { meet, cameBack } = aReplica();
    const first = meet(0);
    cameBack(first.cookieId);
    const second = meet(1);
    expect(second.viewerId).toMatch(UUID_V8);
    expect(second.viewerId).not.toBe(first.viewerId);
    expect(second.cookieId).toBe(second.viewerId);
    expect([meet(2), meet(20)]).toEqual([second, second]);
    expect(meet(40).viewerId).toBe(second.viewerId);
    expect(meet(40).cookieId).not.toBe(second.viewerId);
    cameBack(second.cookieId);
    const third = meet(41);
    expect(new Set([first.viewerId, second.viewerId, third.viewerId]).size).toBe(3);
  });

  test("is one more of many who look the same, if each before has come back", () => {
    const { meet, cameBack } = aReplica();
    const ids = Array.from({ length: 100 }, (_, seconds) => {
      const { cookieId } = meet(seconds * 60);
      cameBack(cookieId);
      return cookieId;
    });
    expect(new Set(ids).size).toBe(100);
  });

  test("does not become another by a cookie that was never given here", () => {
    const { meet, cameBack } = aReplica();
    const { viewerId } = meet(0);
    cameBack("0190aaaa-0000-4000-8000-000000000001");
    expect(meet(1).viewerId).toBe(viewerId);
  });

  test.for([
    ["with another address of the same network", { address: "203.0.113.10" }],
    ["with no address", { address: undefined }],
    ["with another user agent", { userAgent: "another" }],
    ["without a user agent", { userAgent: undefined }],
    ["with another language", { language: "en" }],
    ["without a language", { language: undefined }],
    ["on another day", { dailySalt: "5b".repeat(32) }],
  ] as const)("is another viewer %s", ([, other]) => {
    const { meet } = aReplica();
    expect(meet(1, other).viewerId).not.toBe(meet(0).viewerId);
  });

  test("is another viewer where the permanent salt is another", () => {
    const elsewhere = createNewcomers({ salt: "x".repeat(32) });
    const now = new Date(start);
    expect(elsewhere.meet({ ...browser, now }).viewerId).not.toBe(aReplica().meet(0).viewerId);
  });

  test("starts anew where it was forgotten, because many others came", () => {
    const { meet, cameBack } = aReplica(10);
    const first = meet(0);
    cameBack(first.cookieId);
    expect(meet(1).viewerId).not.toBe(first.viewerId);
    for (let host = 1; host <= 20; host += 1) meet(2, { address: `198.51.100.${host}` });
    expect(meet(3)).toEqual(first);
  });

  test("takes no harm from a clock that is set back", () => {
    const { meet } = aReplica();
    const first = meet(0);
    expect(meet(-3_600)).toEqual(first);
  });
});
