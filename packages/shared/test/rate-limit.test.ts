import { createRateLimit } from "@model-views/shared/http/rate-limit.ts";
import { describe, expect, test, vi } from "vitest";

const MINUTE = 60_000;

function limited(perMinute: number, countedMax?: number) {
  const clock = { ms: 0 };
  const onForgotten = vi.fn();
  const limit = createRateLimit(perMinute, {
    now: () => clock.ms,
    onForgotten,
    ...(countedMax === undefined ? {} : { countedMax }),
  });
  return { clock, onForgotten, count: limit.count };
}

describe("a limit per address and minute", () => {
  test("returns how many seconds are left, and begins anew with the next minute", () => {
    const { clock, count } = limited(2);
    const ask = () => count("203.0.113.9");
    expect([ask(), ask(), ask()]).toEqual([undefined, undefined, 60]);
    clock.ms = 59_500;
    expect(ask()).toBe(1);
    clock.ms = MINUTE;
    expect([ask(), ask(), ask()]).toEqual([undefined, undefined, 60]);
  });

  test("of 0 is none", () => {
    const { count } = limited(0);
    expect(Array.from({ length: 9 }, () => count("203.0.113.9")).every((wait) => wait === undefined)).toBe(
      true,
    );
  });

  test.for([
    ["the same address", "203.0.113.9", "203.0.113.9", true],
    ["another address", "203.0.113.9", "203.0.113.10", false],
    ["two addresses of one /56", "2001:db8:0:ff::1", "2001:db8:0:1:2:3:4:5", true],
    ["the first and the last address of one /56", "2001:db8::", "2001:db8:0:ff:ffff:ffff:ffff:ffff", true],
    ["two neighbouring /56", "2001:db8:0:ff::1", "2001:db8:0:100::1", false],
    ["addresses that end alike", "2001:db8::1", "2001:db9::1", false],
    ["loopback and another one that is short", "::1", "2001::1", false],
    ["two texts of 15 kB that are no addresses", "a".repeat(15_000), "b".repeat(15_000), true],
    ["a text and nothing", "unknown", undefined, true],
    ["a text and an address", "203.0.113.9, 1.1.1.1", "203.0.113.9", false],
  ] as const)("%s are counted together, or are not", ([, one, other, isShared]) => {
    const { count } = limited(1);
    expect(count(one)).toBeUndefined();
    expect(count(other) !== undefined).toBe(isShared);
  });

  test("drops those not seen for longest when too many are counted, reports it, and never refuses a new one", () => {
    const { count, onForgotten } = limited(1, 1_000);
    const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    for (let index = 0; index < 1_500; index += 1) expect(count(address(index))).toBeUndefined();
    expect(onForgotten).toHaveBeenCalledTimes(500);
    expect(count(address(1_499))).toBe(60);
    expect(count(address(0))).toBeUndefined();
  });

  test("does not count as dropped what was over", () => {
    const { clock, count, onForgotten } = limited(1, 10);
    for (let index = 0; index < 10; index += 1) count(`10.0.0.${index}`);
    clock.ms = MINUTE;
    for (let index = 0; index < 10; index += 1) count(`10.0.1.${index}`);
    expect(onForgotten).not.toHaveBeenCalled();
  });

  test("keeps the count of an address that goes on sending in a flood of others", () => {
    const { count } = limited(15, 10);
    const waits = Array.from({ length: 30 }, (_, index) => {
      count(`10.0.0.${index}`);
      return count("203.0.113.9");
    });
    expect(waits).toEqual([...Array(15).fill(undefined), ...Array(15).fill(60)]);
  });
});
