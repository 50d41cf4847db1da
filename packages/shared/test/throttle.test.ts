import { describe, expect, test } from "vitest";
import { throttlePerKey } from "../src/runtime/throttle.ts";

describe("throttlePerKey", () => {
  test("runs once in the time for each key", () => {
    let now = 0;
    const ran: string[] = [];
    const limited = throttlePerKey(
      1_000,
      (key, rest: number) => ran.push(`${key} ${rest}`),
      () => now,
    );
    limited("a", 1);
    limited("a", 2);
    limited("b", 3);
    now = 1_000;
    limited("a", 4);
    expect(ran).toEqual(["a 1", "b 3", "a 4"]);
  });

  test("runs a hundred times at most for keys that are all different, and again when the time is over", () => {
    let now = 0;
    let ran = 0;
    const limited = throttlePerKey(
      1_000,
      () => (ran += 1),
      () => now,
    );
    for (let n = 0; n < 10_000; n += 1) limited(`job ${n} failed`);
    expect(ran).toBe(100);
    now = 1_000;
    for (let n = 0; n < 10_000; n += 1) limited(`job ${n} failed`);
    expect(ran).toBe(200);
  });
});
