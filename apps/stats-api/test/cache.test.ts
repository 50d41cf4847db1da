import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  type AnswerCacheDeps,
  type CacheRead,
  type CacheWrite,
  createAnswerCache,
} from "../src/cache/answer-cache.ts";
import { createQuota } from "../src/cache/quota.ts";
import { aStore } from "./store.ts";

const FRESH_MS = 5_000;
const start = new Date("2026-11-22T12:00:00.000Z");
const schema = z.object({ views: z.int(), asOf: z.iso.datetime() });
const anAnswer = (views = 1, asOf = new Date()) => ({ views, asOf: asOf.toISOString() });

/** A cache in a store that a test may hurt, and what it tells of itself. */
function aCache(more: Partial<AnswerCacheDeps> = {}) {
  const store = aStore();
  const told = { reads: [] as CacheRead[], writes: [] as CacheWrite[], errors: 0 };
  const cache = createAnswerCache({
    store,
    freshMs: FRESH_MS,
    now: () => new Date(),
    onRead: (result) => told.reads.push(result),
    onWrite: (result) => told.writes.push(result),
    onError: () => {
      told.errors += 1;
    },
    ...more,
  });
  return { store, told, cache };
}

/** An error as Redis answers it. */
const refusal = (message: string) => Object.assign(new Error(message), { name: "ReplyError" });

beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

describe("an answer that is kept", () => {
  test.for([
    [0, "fresh"],
    [4_999, "fresh"],
    [5_000, "stale"],
    [24_999, "stale"],
    [25_000, "miss"],
  ] as const)("is %i ms later %s", async ([ms, expected]) => {
    const { cache, told } = aCache();
    await cache.write("q", anAnswer());
    vi.advanceTimersByTime(ms);
    const kept = await cache.read("q", schema);
    expect(told.reads).toEqual([expected]);
    expect(kept).toEqual(
      expected === "miss" ? undefined : { answer: anAnswer(1, start), isStale: expected === "stale" },
    );
  });

  test("goes by itself, the sooner the longer it took to come about", async () => {
    const { cache, store } = aCache();
    await cache.write("q", anAnswer(1, new Date(start.getTime() - 3_000)));
    expect([...store.entries.values()].map(({ ttlMs }) => ttlMs)).toEqual([22_000]);
  });

  test("is not when it took longer than that", async () => {
    const { cache, store, told } = aCache();
    await cache.write("q", anAnswer(1, new Date(start.getTime() - 25_000)));
    expect([store.entries.size, told.writes]).toEqual([0, ["late"]]);
  });

  test("stays no longer than that when its clock is ahead, and is not believed then", async () => {
    const { cache, store, told } = aCache();
    await cache.write("q", anAnswer(1, new Date("2099-01-01T00:00:00Z")));
    expect([...store.entries.values()].map(({ ttlMs }) => ttlMs)).toEqual([25_000]);
    expect(await cache.read("q", schema)).toBeUndefined();
    expect(told.reads).toEqual(["invalid"]);
  });

  test("has a key of its own for every question, with a version, in one slot", async () => {
    const { cache, store } = aCache();
    for (const question of ["a", "b", "a"]) await cache.write(question, anAnswer());
    const keys = [...store.entries.keys()];
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^\{stats\}:v1:[0-9a-f]{64}$/);
    expect(await cache.read("c", schema)).toBeUndefined();
  });
});

describe("what is found under a key and is no answer", () => {
  test.for([
    ["nothing", ""],
    ["no JSON", "{"],
    ["JSON of something else", "[1]"],
    ["null", "null"],
    ["an answer without its time", '{"views":1}'],
    ["an answer with a time that is none", '{"views":1,"asOf":"yesterday"}'],
    ["an answer of another shape", '{"views":"1","asOf":"2026-11-22T12:00:00.000Z"}'],
    ["an answer of the future", '{"views":1,"asOf":"2026-11-22T12:00:05.001Z"}'],
    ["a deep one", "[".repeat(20_000)],
  ] as const)("is not given: %s", async ([, text]) => {
    const { cache, store, told } = aCache();
    await cache.write("q", anAnswer());
    for (const entry of store.entries.values()) entry.text = text;
    expect(await cache.read("q", schema)).toBeUndefined();
    expect(told.reads).toEqual(["invalid"]);
    await cache.write("q", anAnswer(2));
    expect(await cache.read("q", schema)).toMatchObject({ answer: { views: 2 } });
  });

  test("is left out where an answer has more than it should", async () => {
    const { cache, store } = aCache();
    await cache.write("q", anAnswer());
    for (const entry of store.entries.values()) entry.text = JSON.stringify({ ...anAnswer(3), more: 1 });
    expect((await cache.read("q", schema))?.answer).toEqual(anAnswer(3));
  });
});

describe("a store that fails", () => {
  test("is asked once a second, and by all again once it has answered, also when the clock is set back", async () => {
    const { cache, store, told } = aCache();
    await cache.write("q", anAnswer());
    store.failing = new Error("Command timed out");
    for (let ms = 0; ms < 10_000; ms += 10) {
      await Promise.all([cache.read("q", schema), cache.read("r", schema), cache.write("s", anAnswer())]);
      vi.advanceTimersByTime(10);
    }
    // The first look of each is at the same time as the failure.
    expect(store.asked).toBeLessThanOrEqual(1 + 3 + 10);
    expect(new Set(told.reads)).toEqual(new Set(["failed"]));
    store.failing = undefined;
    vi.setSystemTime(start.getTime() - 86_400_000);
    vi.advanceTimersByTime(1_000);
    const before = store.asked;
    for (let i = 0; i < 5; i += 1) await cache.read("q", schema);
    expect(store.asked).toBe(before + 5);
  });

  test("and hangs is waited for by one, while others go on without it", async () => {
    const { cache, store } = aCache();
    store.failing = new Error("Command timed out");
    await cache.read("q", schema);
    vi.advanceTimersByTime(1_000);
    const hanging = Promise.withResolvers<null>();
    store.hanging = hanging.promise;
    const waits = cache.read("q", schema);
    for (let i = 0; i < 5; i += 1) expect(await cache.read("q", schema)).toBeUndefined();
    hanging.resolve(null);
    expect(await waits).toBeUndefined();
  });

  test("and is full refuses, which is no reason not to look", async () => {
    const { cache, store, told } = aCache();
    await cache.write("q", anAnswer());
    store.refusing = refusal("OOM command not allowed when used memory > 'maxmemory'.");
    for (let i = 0; i < 3; i += 1) await cache.write("r", anAnswer());
    expect(told.writes).toEqual(["kept", "refused", "refused", "refused"]);
    for (let i = 0; i < 3; i += 1) expect(await cache.read("q", schema)).toBeDefined();
  });

  test("and says no to a look is asked again at once: it has answered", async () => {
    const { cache, store, told } = aCache();
    store.failing = refusal("WRONGTYPE Operation against a key holding the wrong kind of value");
    for (let i = 0; i < 3; i += 1) expect(await cache.read("q", schema)).toBeUndefined();
    expect([store.asked, told.errors]).toEqual([3, 3]);
  });
});

describe("what one process keeps", () => {
  test("is no answer of more than 64 KB", async () => {
    const { cache, store, told } = aCache();
    const long = (bytes: number) => {
      const answer = { ...anAnswer(), text: "" };
      return { ...answer, text: "é".repeat((bytes - JSON.stringify(answer).length) / 2) };
    };
    await cache.write("short", long(65_536));
    await cache.write("long", long(65_538));
    expect(told.writes).toEqual(["kept", "too_large"]);
    expect(store.entries.size).toBe(1);
  });

  test("is at most 1,000 answers at a time, and others when those are gone, also when the clock is set back", async () => {
    const { cache, told } = aCache();
    for (let i = 0; i < 1_001; i += 1) await cache.write(`question ${i}`, anAnswer());
    expect(told.writes.filter((result) => result === "kept")).toHaveLength(1_000);
    expect(told.writes.at(-1)).toBe("too_many");
    await cache.write("question 0", anAnswer());
    expect(told.writes.at(-1)).toBe("kept");
    vi.setSystemTime(start.getTime() - 86_400_000);
    vi.advanceTimersByTime(25_000);
    await cache.write("one more", anAnswer());
    expect(told.writes.at(-1)).toBe("kept");
  });

  test("counts the bytes of what is there, once for each key, until it is gone", () => {
    const { take } = createQuota({ entriesMax: 10, bytesMax: 100 });
    expect(take("a", { bytes: 60, until: 10 }, 0)).toBe(true);
    expect(take("b", { bytes: 41, until: 20 }, 0)).toBe(false);
    expect(take("b", { bytes: 40, until: 20 }, 0)).toBe(true);
    expect(take("a", { bytes: 61, until: 30 }, 0)).toBe(false);
    expect(take("a", { bytes: 50, until: 30 }, 0)).toBe(true);
    expect(take("c", { bytes: 10, until: 30 }, 0)).toBe(true);
    expect(take("d", { bytes: 40, until: 40 }, 19)).toBe(false);
    expect(take("d", { bytes: 40, until: 40 }, 20)).toBe(true);
    expect(take("e", { bytes: 100, until: 50 }, 40)).toBe(true);
  });
});
