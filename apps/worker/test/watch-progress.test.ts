import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watchProgress } from "../src/recording/watch-progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch over a queue as the test says, with a time-out of 10 s. */
function aWatch() {
  const queue: { due: number | Error; done: number; held: string | undefined } = {
    due: 0,
    done: 0,
    held: undefined,
  };
  const stuck: number[] = [];
  const watch = watchProgress({
    async jobsDue() {
      if (queue.due instanceof Error) throw queue.due;
      return queue.due;
    },
    done: () => queue.done,
    heldBecause: () => queue.held,
    timeoutMs: 10_000,
    now: () => Date.now(),
    onStuck: (ms) => stuck.push(ms),
  });
  return { watch, queue, stuck };
}

describe("watchProgress", () => {
  test("says once that jobs wait and none is done, and shows it before", async () => {
    const { watch, queue, stuck } = aWatch();
    queue.due = 3;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stuck).toEqual([]);
    expect(watch.stuckMs()).toBeGreaterThanOrEqual(4_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stuck).toEqual([10_000]);
  });

  test.for([
    ["nothing waits", { due: 0 }],
    ["Redis does not answer", { due: new Error("away") }],
    ["recording is paused for a reason that is told", { due: 3, held: "PostgreSQL is away" }],
  ] as const)("says nothing while %s", async ([, state]) => {
    const { watch, queue, stuck } = aWatch();
    Object.assign(queue, state);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stuck).toEqual([]);
    expect(watch.stuckMs()).toBe(0);
  });

  test("says nothing while jobs are done, however many wait", async () => {
    const { queue, stuck } = aWatch();
    queue.due = 1_000;
    for (let second = 0; second < 60; second += 1) {
      queue.done += 1;
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(stuck).toEqual([]);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(stuck).toHaveLength(1);
  });

  test("counts from the end of an outage, not from its beginning", async () => {
    const { queue, stuck } = aWatch();
    queue.due = 1;
    queue.held = "PostgreSQL is away";
    await vi.advanceTimersByTimeAsync(60_000);
    queue.held = undefined;
    await vi.advanceTimersByTimeAsync(9_000);
    expect(stuck).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(stuck).toHaveLength(1);
  });
});
