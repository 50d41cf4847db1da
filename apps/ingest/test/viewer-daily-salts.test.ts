import { connectFailingFast } from "@model-views/shared/queue/redis.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import type { Redis } from "ioredis";
import { describe, expect, vi } from "vitest";
import { type DailySalts, openDailySalts, saltKey } from "../src/viewer/daily-salts.ts";

const HOUR_S = 3_600;
const SALT = /^[0-9a-f]{64}$/;
const logger = createLogger({ service: "test", level: "silent" });

/** A replica of ingest, with a connection of its own. */
type Replica = DailySalts & {
  redis: Redis;
  errors: unknown[];
  /** What it asked of Redis so far, and what of that is not answered yet. */
  asked: () => { all: number; open: number };
};
type World = {
  /** Moves the clock and the replicas' timers on. */
  moveTo: (time: string) => Promise<void>;
  /** A replica that waits to be started; without `isConnected` its Redis is away until it connects. */
  replica: (options?: { isConnected?: boolean }) => Replica;
  /** Replicas that have begun, connected to Redis. */
  replicas: (count: number) => Promise<Replica[]>;
};

/** Timers and clock are the test's. Redis is real, and so is its own clock. */
const test = base.extend<{ world: World }>({
  world: async ({ redisUrl, redis: _flushed }, use) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: at("12:00") });
    const all: Replica[] = [];
    const world: World = {
      async moveTo(time) {
        await vi.advanceTimersByTimeAsync(at(time).getTime() - Date.now());
      },
      replica({ isConnected = true } = {}) {
        const redis = connectFailingFast(redisUrl, logger);
        if (!isConnected) redis.disconnect();
        const errors: unknown[] = [];
        const spies = [vi.spyOn(redis, "get"), vi.spyOn(redis, "set")];
        const asked = () => {
          const results = spies.flatMap(({ mock }) => mock.settledResults as { type: string }[]);
          return { all: results.length, open: results.filter(({ type }) => type === "incomplete").length };
        };
        const salts = openDailySalts({
          redis,
          now: () => new Date(),
          onError: (error) => errors.push(error),
        });
        const replica = { ...salts, redis, errors, asked };
        all.push(replica);
        return replica;
      },
      async replicas(count) {
        const begun = Array.from({ length: count }, () => world.replica());
        await Promise.all(begun.map(started));
        return begun;
      },
    };
    await use(world);
    for (const { stop, redis } of all) {
      stop();
      redis.disconnect();
    }
    vi.useRealTimers();
  },
});

/** A time of 22 November 2026, or of the day that is given with it. */
function at(time: string): Date {
  return new Date(time.includes("T") ? `${time}Z` : `2026-11-22T${time}Z`);
}

const today = saltKey(at("12:00"));
const tomorrow = saltKey(at("2026-11-23T12:00"));

/** Lets Redis answer and timers go off until it is so. */
async function until(assertion: () => unknown): Promise<void> {
  await vi.waitFor(assertion, { timeout: 10_000, interval: 20 });
}

/** Begins; the first try comes before the connection is there. */
async function started({ start }: Replica): Promise<void> {
  let isDone = false;
  void start().then(() => {
    isDone = true;
  });
  await until(() => expect(isDone).toBe(true));
}

/** Looks at Redis once more, as it does each minute, and waits for what comes of it. */
async function lookAgain({ asked }: Replica): Promise<void> {
  const isOver = () => expect(asked().open).toBe(0);
  await until(isOver);
  const before = asked().all;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked().all).toBeGreaterThan(before);
  await until(isOver);
}

describe("the salt of a day", () => {
  test("is one for all replicas, also for one that comes later", async ({ world, redis }) => {
    const [one, other] = await world.replicas(2);
    const [late] = await world.replicas(1);
    expect(one?.current()).toMatch(SALT);
    expect(new Set([one, other, late].map((replica) => replica?.current())).size).toBe(1);
    expect(today).toBe("{views-0}:salt:2026-11-22");
    expect(await redis.get(today)).toBe(one?.current());
    expect([one, other, late].flatMap((replica) => replica?.errors)).toEqual([]);
  });

  test("is deleted by Redis two days after it could first be made, and never kept for longer", async ({
    world,
    redis,
  }) => {
    const [replica] = await world.replicas(1);
    if (replica === undefined) throw new Error("unreachable");
    // At noon: until 23:00 of the next day.
    expect(await redis.ttl(today)).toBeGreaterThan(35 * HOUR_S - 60);
    expect(await redis.ttl(today)).toBeLessThanOrEqual(35 * HOUR_S);
    await redis.expire(today, 1_000);
    await lookAgain(replica);
    expect(await redis.ttl(today)).toBeLessThanOrEqual(1_000);
    await world.moveTo("23:01");
    await until(async () => expect(await redis.exists(tomorrow)).toBe(1));
    expect(await redis.ttl(tomorrow)).toBeGreaterThan(48 * HOUR_S - 180);
    expect(await redis.ttl(tomorrow)).toBeLessThanOrEqual(48 * HOUR_S);
  });

  test("is agreed upon in the hour before, and changes at midnight without Redis", async ({
    world,
    redis,
  }) => {
    const replicas = await world.replicas(2);
    const [one, other] = replicas as [Replica, Replica];
    await world.moveTo("22:50");
    await lookAgain(one);
    expect(await redis.exists(tomorrow)).toBe(0);
    await world.moveTo("23:05");
    await lookAgain(one);
    await lookAgain(other);
    const before = one.current();
    for (const { redis: connection } of replicas) connection.disconnect();
    vi.setSystemTime(at("23:59:59.999"));
    expect([one.current(), other.current()]).toEqual([before, before]);
    vi.setSystemTime(at("2026-11-23T00:00:00"));
    const after = await redis.get(tomorrow);
    expect(after).not.toBe(before);
    expect([one.current(), other.current()]).toEqual([after, after]);
  });

  test("is not known any more when it is over", async ({ world }) => {
    const [replica] = await world.replicas(1);
    const before = replica?.current();
    vi.setSystemTime(at("2026-11-23T00:00:00"));
    const after = replica?.current();
    expect(after).not.toBe(before);
    // A clock that is set right by a little goes on with what there is.
    vi.setSystemTime(at("23:59:59"));
    expect(replica?.current()).toBe(after);
  });

  test("is another one after days without a look", async ({ world, redis }) => {
    const [replica] = await world.replicas(1);
    if (replica === undefined) throw new Error("unreachable");
    const before = replica.current();
    await world.moveTo("23:30");
    await lookAgain(replica);
    const next = await redis.get(tomorrow);
    vi.setSystemTime(at("2026-11-26T08:00:00"));
    expect([before, next]).not.toContain(replica.current());
    await lookAgain(replica);
    expect(await redis.get(saltKey(at("2026-11-26T08:00:00")))).toBe(replica.current());
  });

  test("is the right one again when a clock that was far ahead is set right", async ({ world }) => {
    const [replica] = await world.replicas(1);
    if (replica === undefined) throw new Error("unreachable");
    const before = replica.current();
    vi.setSystemTime(at("2031-01-01T00:00:00"));
    replica.current();
    vi.setSystemTime(at("12:30"));
    replica.current();
    await lookAgain(replica);
    expect(replica.current()).toBe(before);
  });
});

describe("while Redis is away", () => {
  test("a replica starts within a second, with a salt of its own", async ({ world, redis }) => {
    const replica = world.replica({ isConnected: false });
    const start = replica.start();
    await vi.advanceTimersByTimeAsync(1_000);
    await start;
    expect(replica.current()).toMatch(SALT);
    expect(replica.current()).toBe(replica.current());
    expect(await redis.keys("*")).toEqual([]);
  });

  test("it starts as soon when Redis hangs", async ({ world }) => {
    const replica = world.replica();
    vi.spyOn(replica.redis, "get").mockReturnValue(new Promise(() => {}));
    const start = replica.start();
    await vi.advanceTimersByTimeAsync(1_000);
    await start;
    expect(replica.current()).toMatch(SALT);
  });

  test("it is told once, and not for the moment of connecting", async ({ world }) => {
    const replica = world.replica({ isConnected: false });
    void replica.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(replica.errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(replica.errors).toEqual([expect.any(Error)]);
  });

  test("each has its own; when it is back, all take that of the first", async ({ world, redis }) => {
    const one = world.replica({ isConnected: false });
    const other = world.replica({ isConnected: false });
    for (const replica of [one, other]) void replica.start();
    await vi.advanceTimersByTimeAsync(5_000);
    const own = one.current();
    expect(other.current()).not.toBe(own);

    await one.redis.connect();
    await until(async () => expect(await redis.get(today)).toBe(own));
    await other.redis.connect();
    await until(() => expect(other.current()).toBe(own));
    expect(one.current()).toBe(own);
  });

  test("a replica that had the shared one keeps it", async ({ world }) => {
    const [replica] = await world.replicas(1);
    const shared = replica?.current();
    replica?.redis.disconnect();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(replica?.current()).toBe(shared);
  });

  test("one that reads but does not write still gives the salt", async ({ world }) => {
    const [one] = await world.replicas(1);
    const readOnly = world.replica();
    vi.spyOn(readOnly.redis, "set").mockRejectedValue(new Error("READONLY"));
    await started(readOnly);
    expect(readOnly.current()).toBe(one?.current());
  });
});

describe("a Redis that forgot the salt", () => {
  test("is given it again", async ({ world, redis }) => {
    const [replica] = await world.replicas(1);
    if (replica === undefined) throw new Error("unreachable");
    const before = replica.current();
    await redis.flushdb();
    await lookAgain(replica);
    expect(await redis.get(today)).toBe(before);
    expect(replica.current()).toBe(before);
  });

  test("and was given another one meanwhile, is followed", async ({ world, redis }) => {
    const [replica] = await world.replicas(1);
    if (replica === undefined) throw new Error("unreachable");
    await redis.set(today, "5a".repeat(32));
    await lookAgain(replica);
    expect(replica.current()).toBe("5a".repeat(32));
  });

  test("and holds something else, is told of and not followed", async ({ world, redis }) => {
    await redis.set(today, "no salt");
    const replica = world.replica();
    void replica.start();
    await until(() =>
      expect(replica.errors).toEqual([expect.objectContaining({ message: expect.stringContaining(today) })]),
    );
    expect(replica.current()).toMatch(SALT);
  });
});
