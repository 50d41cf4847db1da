import { expect, test } from "vitest";
import { watchClocks } from "../src/runtime/clock-watch.ts";

const base = new Date("2026-11-22T12:00:00Z").getTime();

function aWatch(aheadMs: number, told: string[]) {
  const ours = { ms: base + aheadMs };
  const watch = watchClocks({
    clocks: { Redis: async () => new Date(base) },
    now: () => new Date(ours.ms),
    onWrong: (warning) => told.push(warning),
  });
  return { watch, ours };
}

test.for([
  ["59 s ahead", 59_000, []],
  ["59 s behind", -59_000, []],
  [
    "an hour ahead",
    3_600_000,
    ["this process's clock is 3600 s ahead of Redis's: one of them is wrong, set it (NTP)"],
  ],
  [
    "two minutes behind",
    -120_000,
    ["this process's clock is 120 s behind Redis's: one of them is wrong, set it (NTP)"],
  ],
] as const)("a clock that is %s", async ([, aheadMs, warnings]) => {
  const told: string[] = [];
  const { watch } = aWatch(aheadMs, told);
  await watch.look();
  expect(watch.warnings()).toEqual(warnings);
  expect(watch.aheadMs().get("Redis")).toBe(aheadMs);
  expect(told).toEqual(warnings);
  watch.stop();
});

test("a clock that stays wrong is told once, and again after it was right", async () => {
  const told: string[] = [];
  const { watch, ours } = aWatch(3_600_000, told);
  await watch.look();
  await watch.look();
  expect(told).toHaveLength(1);
  ours.ms = base;
  await watch.look();
  expect(watch.warnings()).toEqual([]);
  ours.ms = base + 3_600_000;
  await watch.look();
  expect(told).toHaveLength(2);
  watch.stop();
});

test("of a clock that does not answer nothing is known", async () => {
  const told: string[] = [];
  const watch = watchClocks({
    clocks: { Redis: () => Promise.reject(new Error("away")) },
    now: () => new Date(base),
    onWrong: (warning) => told.push(warning),
  });
  await watch.look();
  expect([watch.warnings(), [...watch.aheadMs()], told]).toEqual([[], [], []]);
  watch.stop();
});
