import { expect, test } from "vitest";
import { changeOf } from "../src/format/numbers.ts";

test.each([
  [120, 100, "up", "+20%"],
  [80, 100, "down", "-20%"],
  [34_105, 33_992, "same", "0%"],
  [33_992, 34_105, "same", "0%"],
  [7, 3, "up", "from 3 to 7"],
  [3, 3, "same", "unchanged"],
  [9, 0, "up", "from 0 to 9"],
] as const)("%i after %i is %s", (now, before, direction, text) => {
  expect(changeOf(now, before)).toEqual({ direction, text });
});

test("a change from or to what is not known is none", () => {
  expect([changeOf(null, 3), changeOf(3, undefined)]).toEqual([undefined, undefined]);
});
