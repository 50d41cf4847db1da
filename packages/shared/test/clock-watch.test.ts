import { expect, test } from "vitest";
import { watchClocks } from "../src/runtime/clock-watch.ts";

const base = new Date("2026-11-22T12:00:00Z").getTime();

function startWatch(aheadMs: number, warned: string[]) {
  const ours = { ms: base + aheadMs };
  const watch = watchClocks({
    clocks: { Redis: async () => new Date(base) },
    now: () => new Date(ours.ms),
    onWrong: (warning) => warned.push(warning),
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
  const warned: string[] = [];
  const { watch } = startWatch(aheadMs, warned);
  await watch.look();
  expect(watch.warnings()).toEqual(warnings);
  expect(watch.aheadMs().get("Redis")).toBe(aheadMs);
  expect(warned).toEqual(warnings);
  watch.stop();
});

test("a clock that stays wrong is reported once, and again after it was right", async () => {
  const warned: string[] = [];
  const { watch, ours } = startWatch(3_600_000, warned);
  await watch.look();
  await watch.look();
  expect(warned).toHaveLength(1);
  ours.ms = base;
  await watch.look();
  expect(watch.warnings()).toEqual([]);
  ours.ms = base + 3_600_000;
  await watch.look();
  expect(warned).toHaveLength(2);
  watch.stop();
});

test("a clock that does not answer is neither ahead nor wrong", async () => {
  const warned: string[] = [];
  const watch = watchClocks({
    clocks: { Redis: () => Promise.reject(new Error("away")) },
    now: () => new Date(base),
    onWrong: (warning) => warned.push(warning),
  });
  await watch.look();
  expect([watch.warnings(), [...watch.aheadMs()], warned]).toEqual([[], [], []]);
  watch.stop();
});
