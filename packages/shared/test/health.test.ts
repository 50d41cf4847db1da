import { checkUntilReady, createReadiness } from "@model-views/shared/http/health.ts";
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

describe("a check that fails", () => {
  /** One outcome for each second. */
  function checking(outcomes: string[]) {
    const reported: string[] = [];
    const check = vi.fn(async () => {
      const outcome = outcomes.shift() ?? "ok";
      if (outcome !== "ok") throw new Error(outcome);
      return outcome;
    });
    const report = (name: string, reason: string) => void reported.push(`${name}: ${reason}`);
    return { check, reported, readiness: createReadiness({ queue: check }, undefined, report) };
  }

  test("is reported once it has failed for 3 s: each reason once, also where two alternate", async () => {
    vi.useFakeTimers();
    const outcomes = [
      "no job for 1 s",
      "no job for 2 s",
      "away",
      "no job for 4 s",
      "away",
      "no job for 6 s",
      "away",
    ];
    const { reported, readiness } = checking([...outcomes, "ok", "away", "away", "away", "ok", ...outcomes]);
    for (let second = 0; second < 19; second += 1) {
      await readiness();
      vi.advanceTimersByTime(1_000);
    }
    vi.useRealTimers();
    const lasting = ["queue: no job for 4 s", "queue: away"];
    expect(reported).toEqual([...lasting, ...lasting]);
  });

  test("is repeated from the start on until it works, and no longer", async () => {
    vi.useFakeTimers();
    const { check, reported, readiness } = checking(["away", "away", "away", "away", "away"]);
    const stop = checkUntilReady(readiness);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(check).toHaveBeenCalledTimes(6);
    expect(reported).toEqual(["queue: away"]);
    expect(vi.getTimerCount()).toBe(0);
    stop();
    vi.useRealTimers();
  });

  test.for([0, 1_500])(
    "is not repeated after a service began to close, %s ms after its start",
    async (ms) => {
      vi.useFakeTimers();
      const { check, readiness } = checking(Array(60).fill("away"));
      const stop = checkUntilReady(readiness);
      await vi.advanceTimersByTimeAsync(ms);
      stop();
      const times = check.mock.calls.length;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(check).toHaveBeenCalledTimes(times);
      vi.useRealTimers();
    },
  );
});
