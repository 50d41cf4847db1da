import { createReadiness } from "@model-views/shared/http/health.ts";
import { cachedFor } from "@model-views/shared/runtime/cached-for.ts";
import { describe, expect, test, vi } from "vitest";

describe("what is shared for a second", () => {
  function counting(outcome: (call: number) => Promise<number>) {
    const clock = { ms: 0 };
    const work = vi.fn();
    const shared = cachedFor(
      1_000,
      () => {
        work();
        return outcome(work.mock.calls.length);
      },
      () => clock.ms,
    );
    return { clock, work, shared };
  }

  test("is worked out once, and again a second after it was", async () => {
    const { clock, work, shared } = counting(async (call) => call);
    expect(await Promise.all([shared(), shared()])).toEqual([1, 1]);
    clock.ms = 999;
    expect(await shared()).toBe(1);
    clock.ms = 1_000;
    expect(await Promise.all([shared(), shared()])).toEqual([2, 2]);
    expect(work).toHaveBeenCalledTimes(2);
  });

  test("is worked out once however long that takes", async () => {
    const slow = Promise.withResolvers<number>();
    const { clock, work, shared } = counting(() => slow.promise);
    const first = shared();
    clock.ms = 60_000;
    const second = shared();
    slow.resolve(7);
    expect(await Promise.all([first, second])).toEqual([7, 7]);
    expect(work).toHaveBeenCalledOnce();
  });

  test("may be a failure, which is not tried again before", async () => {
    const { clock, shared } = counting((call) =>
      call === 1 ? Promise.reject(new Error("away")) : Promise.resolve(call),
    );
    await expect(shared()).rejects.toThrow("away");
    await expect(shared()).rejects.toThrow("away");
    clock.ms = 1_000;
    expect(await shared()).toBe(2);
  });
});

test("a database is asked once a second whether it is there, however many want to know", async () => {
  const check = vi.fn(async () => "ok");
  const readiness = createReadiness({ postgres: check }, () => ["a warning"]);
  const answers = await Promise.all(Array.from({ length: 1_000 }, readiness));
  expect(answers.at(-1)).toEqual({ status: "ok", checks: { postgres: "ok" }, warnings: ["a warning"] });
  expect(check).toHaveBeenCalledOnce();
});

test("why a check fails is reported once for each reason, and again after it worked", async () => {
  const outcomes = ["!no job for 10 s", "!no job for 11 s", "!away", "ok", "!away"];
  const reported: string[] = [];
  const check = async () => {
    const outcome = outcomes.shift() ?? "ok";
    if (outcome.startsWith("!")) throw new Error(outcome.slice(1));
    return outcome;
  };
  vi.useFakeTimers();
  const readiness = createReadiness({ queue: check }, undefined, (name, reason) =>
    reported.push(`${name}: ${reason}`),
  );
  while (outcomes.length > 0) {
    await readiness();
    vi.advanceTimersByTime(1_000);
  }
  vi.useRealTimers();
  expect(reported).toEqual(["queue: no job for 10 s", "queue: away", "queue: away"]);
});
