import { describe, expect, test } from "vitest";
import { createRecentlyQueued, type RecentlyQueued } from "../src/spool/recently-queued.ts";

const ids = (taken: ReturnType<RecentlyQueued["takeAll"]>) => taken.map(({ batch }) => batch.jobId);

/** Recently queued batches, and their clock. */
function aMemory() {
  let at = 0;
  const recent = createRecentlyQueued({ now: () => at });
  return {
    recent,
    add(ms: number, jobId: string, views = 1) {
      at = ms;
      recent.add({ jobId, text: "{}" }, views);
    },
    settledAt(ms: number) {
      at = ms;
      recent.settled(3_000);
    },
  };
}

describe("what Redis has acknowledged, and may not have on its disk yet", () => {
  test("is kept until it is settled, and given out once, oldest first", () => {
    const { recent, add, settledAt } = aMemory();
    for (const [ms, id] of [
      [0, "a"],
      [1_000, "b"],
      [1_001, "c"],
      [3_900, "d"],
    ] as const)
      add(ms, id);
    settledAt(4_000);
    expect(ids(recent.takeAll())).toEqual(["c", "d"]);
    expect(recent.takeAll()).toEqual([]);
  });

  test("is given back in front of what has come since, when it could not be made safe", () => {
    const { recent, add } = aMemory();
    add(0, "a");
    const taken = recent.takeAll();
    add(1_000, "b");
    recent.giveBack(taken);
    expect(ids(recent.takeAll())).toEqual(["a", "b"]);
    for (let n = 0; n < 100; n += 1) add(n, String(n), 500);
    recent.giveBack(taken);
    expect(ids(recent.takeAll()).at(0), "of too many the oldest go").toBe("0");
  });

  test("is 50,000 views at most, of more the last", () => {
    const { recent, add } = aMemory();
    for (let n = 0; n < 101; n += 1) add(n, String(n), 500);
    const kept = ids(recent.takeAll());
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([100, "1", "100"]);
    // Counted from 0 again, because those are gone.
    for (let n = 0; n < 100; n += 1) add(n, String(n), 500);
    expect(recent.takeAll()).toHaveLength(100);
  });
});
