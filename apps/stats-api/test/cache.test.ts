import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  type AnswerCacheDeps,
  type CacheRead,
  type CacheWrite,
  createAnswerCache,
} from "../src/cache/answer-cache.ts";
import {
  type ConcurrencyLimitOptions,
  createConcurrencyLimit,
  type WaitEnd,
  type WaitRefusal,
} from "../src/cache/concurrency-limit.ts";
import { createLimits } from "../src/cache/limits.ts";
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

describe("a limit of questions", () => {
  const wanted = new AbortController().signal;

  /** A limit, and what it reports. */
  function aLimit(options: Partial<ConcurrencyLimitOptions> = {}) {
    const reported = { waiting: 0, ends: [] as WaitEnd[], refusals: [] as WaitRefusal[] };
    const limit = createConcurrencyLimit(
      { runningMax: 2, waitingMax: 2, waitMsMax: 20_000, ...options },
      {
        onWait() {
          reported.waiting += 1;
          return (end) => {
            reported.waiting -= 1;
            reported.ends.push(end);
          };
        },
        onRefused: (why) => reported.refusals.push(why),
      },
    );
    return { limit, reported };
  }

  /** Work that runs until the test ends it. */
  function aWork() {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const ask = () => {
      work.isAsked = true;
      return promise;
    };
    const work = { isAsked: false, ask, resolve, reject };
    return work;
  }

  const refused = { problem: { status: 503, retryAfterSeconds: 5 } };

  test("refuses none of twenty readers who ask nine different ones at once, and asks in their order", async () => {
    const asked: number[] = [];
    const running = { now: 0, most: 0 };
    const events = { onWait: () => () => {}, onRefused: (why: WaitRefusal) => expect.unreachable(why) };
    const limits = createLimits({ connections: 10, views: 7 }, () => events);
    const ends: (() => void)[] = [];
    const answers = Array.from({ length: 20 * 9 }, (_, question) =>
      limits("views", wanted, async () => {
        asked.push(question);
        running.now += 1;
        running.most = Math.max(running.most, running.now);
        await new Promise<void>((resolve) => ends.push(resolve));
        running.now -= 1;
        return question;
      }),
    );
    // Each ends only when no more can begin.
    while (ends.length > 0 || asked.length < answers.length) {
      await vi.advanceTimersByTimeAsync(1);
      expect(running.now).toBe(Math.min(7, answers.length - asked.length + running.now));
      ends.shift()?.();
    }
    const all = Array.from(answers.keys());
    expect(await Promise.all(answers)).toEqual(all);
    expect([asked, running.most]).toEqual([all, 7]);
  });

  test("takes the next at once when one has ended or failed", async () => {
    const { limit, reported } = aLimit();
    const works = [aWork(), aWork(), aWork(), aWork()] as const;
    const answers = works.map(({ ask }) => limit(ask, wanted));
    expect(works.map(({ isAsked }) => isAsked)).toEqual([true, true, false, false]);
    expect(reported).toMatchObject({ waiting: 2, ends: ["asked", "asked"] });
    works[0].resolve("answered");
    expect(await answers[0]).toBe("answered");
    works[1].reject(new Error("PostgreSQL is away"));
    await expect(answers[1]).rejects.toThrow("PostgreSQL is away");
    await vi.waitFor(() => expect(works.map(({ isAsked }) => isAsked)).toEqual([true, true, true, true]));
    works[2].resolve("third");
    works[3].resolve("fourth");
    expect(await Promise.all(answers.slice(2))).toEqual(["third", "fourth"]);
    expect(reported).toEqual({ waiting: 0, ends: ["asked", "asked", "asked", "asked"], refusals: [] });
  });

  test("is bounded in number: beyond it the answer is a 503 with when to try again", async () => {
    const { limit, reported } = aLimit();
    const works = Array.from({ length: 5 }, aWork);
    const answers = works.map(({ ask }) => limit(ask, wanted));
    await expect(answers[4]).rejects.toMatchObject(refused);
    expect(reported).toMatchObject({ waiting: 2, refusals: ["too_many"] });
    for (const { resolve } of works) resolve("answered");
    expect(await Promise.all(answers.slice(0, 4))).toHaveLength(4);
    expect(works[4]?.isAsked).toBe(false);
  });

  test("is bounded in time: a question that waited too long is a 503, and is not asked", async () => {
    const { limit, reported } = aLimit({ runningMax: 1 });
    const [running, waiting] = [aWork(), aWork()];
    const first = limit(running.ask, wanted);
    const second = limit(waiting.ask, wanted).catch((error: unknown) => error);
    vi.advanceTimersByTime(19_999);
    expect(reported.waiting).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await second).toMatchObject(refused);
    expect(reported).toEqual({ waiting: 0, ends: ["asked", "refused"], refusals: ["too_long"] });
    running.resolve("answered");
    expect(await first).toBe("answered");
    // There is room again.
    expect(await limit(async () => "next", wanted)).toBe("next");
    expect(waiting.isAsked).toBe(false);
  });

  test("forgets a question that no reader waits for: it is not asked, and others take its place", async () => {
    const { limit, reported } = aLimit({ runningMax: 1, waitingMax: 1 });
    const [running, waiting] = [aWork(), aWork()];
    const first = limit(running.ask, wanted);
    const leaving = new AbortController();
    const second = limit(waiting.ask, leaving.signal);
    await expect(limit(async () => "third", wanted)).rejects.toMatchObject(refused);
    const left = new Error("the reader left");
    leaving.abort(left);
    await expect(second).rejects.toBe(left);
    expect(reported).toMatchObject({ waiting: 0, ends: ["asked", "left"] });
    const third = limit(async () => "third", wanted);
    running.resolve("answered");
    expect(await Promise.all([first, third])).toEqual(["answered", "third"]);
    expect(waiting.isAsked).toBe(false);
    await expect(limit(waiting.ask, leaving.signal)).rejects.toBe(left);
    expect(waiting.isAsked).toBe(false);
  });

  test("does not take the next while one that is not wanted any more is being cancelled", async () => {
    const { limit } = aLimit({ runningMax: 1 });
    const [cancelled, next] = [aWork(), aWork()];
    const leaving = new AbortController();
    const first = limit(cancelled.ask, leaving.signal);
    const second = limit(next.ask, wanted);
    leaving.abort(new Error("the reader left"));
    await vi.advanceTimersByTimeAsync(30);
    expect(next.isAsked).toBe(false);
    cancelled.reject(leaving.signal.reason);
    await expect(first).rejects.toBe(leaving.signal.reason);
    next.resolve("answered");
    expect(await second).toBe("answered");
  });

  test("leaves connections for what the rollups answer, also while others wait to read the views", async () => {
    const limits = createLimits({ connections: 3, views: 2 }, () => ({
      onWait: () => () => {},
      onRefused: (why) => expect.unreachable(why),
    }));
    const works = Array.from({ length: 5 }, aWork);
    const answers = works.map(({ ask }) => limits("views", wanted, ask));
    expect(await limits("rollups", wanted, async () => "from the rollups")).toBe("from the rollups");
    for (const { resolve } of works) resolve("answered");
    expect(await Promise.all(answers)).toHaveLength(5);
  });
});
