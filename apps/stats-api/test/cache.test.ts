import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  type AnswerCacheDeps,
  type CacheRead,
  type CacheWrite,
  createAnswerCache,
} from "../src/cache/answer-cache.ts";
import { createConcurrencyLimit } from "../src/cache/concurrency-limit.ts";
import { createQuota } from "../src/cache/quota.ts";
import { aStore } from "./store.ts";

const FRESH_MS = 5_000;
const start = new Date("2026-11-22T12:00:00.000Z");
const schema = z.object({ views: z.int(), asOf: z.iso.datetime() });
const anAnswer = (views = 1, asOf = new Date()) => ({ views, asOf: asOf.toISOString() });

/** A cache in a store that a test can break, and the results that it reports. */
function aCache(more: Partial<AnswerCacheDeps> = {}) {
  const store = aStore();
  const reported = { reads: [] as CacheRead[], writes: [] as CacheWrite[], errors: 0 };
  const cache = createAnswerCache({
    store,
    freshMs: FRESH_MS,
    now: () => new Date(),
    onRead: (result) => reported.reads.push(result),
    onWrite: (result) => reported.writes.push(result),
    onError: () => {
      reported.errors += 1;
    },
    ...more,
  });
  return { store, reported, cache };
}

/** An error that Redis answers. */
const refusal = (message: string) => Object.assign(new Error(message), { name: "ReplyError" });

beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

describe("a cached answer", () => {
  test.for([
    [0, "fresh"],
    [4_999, "fresh"],
    [5_000, "stale"],
    [24_999, "stale"],
    [25_000, "miss"],
  ] as const)("is %i ms later %s", async ([ms, expected]) => {
    const { cache, reported } = aCache();
    await cache.write("q", anAnswer());
    vi.advanceTimersByTime(ms);
    const cached = await cache.read("q", schema);
    expect(reported.reads).toEqual([expected]);
    expect(cached).toEqual(
      expected === "miss" ? undefined : { answer: anAnswer(1, start), isStale: expected === "stale" },
    );
  });

  test("expires on its own, sooner when it took long to find", async () => {
    const { cache, store } = aCache();
    await cache.write("q", anAnswer(1, new Date(start.getTime() - 3_000)));
    expect([...store.entries.values()].map(({ ttlMs }) => ttlMs)).toEqual([22_000]);
  });

  test("is not stored when it took longer than its time", async () => {
    const { cache, store, reported } = aCache();
    await cache.write("q", anAnswer(1, new Date(start.getTime() - 25_000)));
    expect([store.entries.size, reported.writes]).toEqual([0, ["late"]]);
  });

  test("from a clock that is ahead stays no longer, and is not used", async () => {
    const { cache, store, reported } = aCache();
    await cache.write("q", anAnswer(1, new Date("2099-01-01T00:00:00Z")));
    expect([...store.entries.values()].map(({ ttlMs }) => ttlMs)).toEqual([25_000]);
    expect(await cache.read("q", schema)).toBeUndefined();
    expect(reported.reads).toEqual(["invalid"]);
  });

  test("has a key for each question, with a version, in one slot", async () => {
    const { cache, store } = aCache();
    for (const question of ["a", "b", "a"]) await cache.write(question, anAnswer());
    const keys = [...store.entries.keys()];
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^\{stats\}:v1:[0-9a-f]{64}$/);
    expect(await cache.read("c", schema)).toBeUndefined();
  });
});

describe("something under a key that is no answer", () => {
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
  ] as const)("is not used: %s", async ([, text]) => {
    const { cache, store, reported } = aCache();
    await cache.write("q", anAnswer());
    for (const entry of store.entries.values()) entry.text = text;
    expect(await cache.read("q", schema)).toBeUndefined();
    expect(reported.reads).toEqual(["invalid"]);
    await cache.write("q", anAnswer(2));
    expect(await cache.read("q", schema)).toMatchObject({ answer: { views: 2 } });
  });

  test("loses fields that its schema does not have", async () => {
    const { cache, store } = aCache();
    await cache.write("q", anAnswer());
    for (const entry of store.entries.values()) entry.text = JSON.stringify({ ...anAnswer(3), more: 1 });
    expect((await cache.read("q", schema))?.answer).toEqual(anAnswer(3));
  });
});

describe("a store that fails", () => {
  test("is asked once a second, and each time once it has answered, also when the clock is set back", async () => {
    const { cache, store, reported } = aCache();
    await cache.write("q", anAnswer());
    store.failing = new Error("Command timed out");
    for (let ms = 0; ms < 10_000; ms += 10) {
      await Promise.all([cache.read("q", schema), cache.read("r", schema), cache.write("s", anAnswer())]);
      vi.advanceTimersByTime(10);
    }
    // The first request of each is at the same time as the failure.
    expect(store.asked).toBeLessThanOrEqual(1 + 3 + 10);
    expect(new Set(reported.reads)).toEqual(new Set(["failed"]));
    store.failing = undefined;
    vi.setSystemTime(start.getTime() - 86_400_000);
    vi.advanceTimersByTime(1_000);
    const before = store.asked;
    for (let i = 0; i < 5; i += 1) await cache.read("q", schema);
    expect(store.asked).toBe(before + 5);
  });

  test("by hanging delays one request, while others go on without it", async () => {
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

  test("by refusing writes because it is full is still read", async () => {
    const { cache, store, reported } = aCache();
    await cache.write("q", anAnswer());
    store.refusing = refusal("OOM command not allowed when used memory > 'maxmemory'.");
    for (let i = 0; i < 3; i += 1) await cache.write("r", anAnswer());
    expect(reported.writes).toEqual(["kept", "refused", "refused", "refused"]);
    for (let i = 0; i < 3; i += 1) expect(await cache.read("q", schema)).toBeDefined();
  });

  test("by answering a read with an error is asked again at once", async () => {
    const { cache, store, reported } = aCache();
    store.failing = refusal("WRONGTYPE Operation against a key holding the wrong kind of value");
    for (let i = 0; i < 3; i += 1) expect(await cache.read("q", schema)).toBeUndefined();
    expect([store.asked, reported.errors]).toEqual([3, 3]);
  });
});

describe("the entries of one process", () => {
  test("have at most 64 KB", async () => {
    const { cache, store, reported } = aCache();
    const long = (bytes: number) => {
      const answer = { ...anAnswer(), text: "" };
      return { ...answer, text: "é".repeat((bytes - JSON.stringify(answer).length) / 2) };
    };
    await cache.write("short", long(65_536));
    await cache.write("long", long(65_538));
    expect(reported.writes).toEqual(["kept", "too_large"]);
    expect(store.entries.size).toBe(1);
  });

  test("are at most 1,000 at a time, and new ones can come when those have expired, also when the clock is set back", async () => {
    const { cache, reported } = aCache();
    for (let i = 0; i < 1_001; i += 1) await cache.write(`question ${i}`, anAnswer());
    expect(reported.writes.filter((result) => result === "kept")).toHaveLength(1_000);
    expect(reported.writes.at(-1)).toBe("too_many");
    await cache.write("question 0", anAnswer());
    expect(reported.writes.at(-1)).toBe("kept");
    vi.setSystemTime(start.getTime() - 86_400_000);
    vi.advanceTimersByTime(25_000);
    await cache.write("one more", anAnswer());
    expect(reported.writes.at(-1)).toBe("kept");
  });

  test("count their bytes once for each key, until they expire", () => {
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

test("the concurrency limit refuses work beyond it with a 503, and takes the next at once when one has ended or failed", async () => {
  const limit = createConcurrencyLimit(2);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const running = [limit(() => first.promise), limit(() => second.promise)] as const;
  const refused = { problem: { status: 503, retryAfterSeconds: 5 } };
  await expect(limit(async () => "third")).rejects.toMatchObject(refused);
  first.resolve("answered");
  expect(await running[0]).toBe("answered");
  const failing = limit(() => Promise.reject(new Error("PostgreSQL is away")));
  await expect(limit(async () => "third")).rejects.toMatchObject(refused);
  await expect(failing).rejects.toThrow("PostgreSQL is away");
  expect(await limit(async () => "next")).toBe("next");
  second.resolve("answered");
  expect(await running[1]).toBe("answered");
});
