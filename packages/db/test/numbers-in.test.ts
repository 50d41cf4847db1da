import { openAudiences } from "@model-views/db/audiences/audience.ts";
import { appendNumbers } from "@model-views/db/audiences/numbers-in.ts";
import fc from "fast-check";
import { expect, test } from "vitest";

/** Lists, runs and dense parts, so that every kind of container occurs. */
const numbers = fc
  .array(
    fc.record({
      first: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      count: fc.constantFrom(1, 1, 2, 100, 9_000, 70_000),
      step: fc.constantFrom(1, 2, 7, 70_000),
    }),
    { maxLength: 6 },
  )
  .map((parts) =>
    parts.flatMap(({ first, count, step }) =>
      Array.from(
        { length: Math.min(count, 10_000 * (step < 3 ? 7 : 1)) },
        (_, index) => first + index * step,
      ),
    ),
  )
  .map((all) => [...new Set(all.filter((number) => number < 2 ** 31))].sort((a, b) => a - b));

test("a stored audience has the numbers that the library stored in it, in order", async () => {
  const newAudience = await openAudiences();
  fc.assert(
    fc.property(numbers, (expected) => {
      using audience = newAudience();
      audience.addNumbers(Uint32Array.from(expected));
      const found: number[] = [];
      appendNumbers(audience.toBytes(), found);
      expect(found).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("bytes that are no audience are refused, and so is one that is cut short", async () => {
  const newAudience = await openAudiences();
  using audience = newAudience();
  audience.addNumbers(Uint32Array.of(1, 5, 70_000));
  const bytes = audience.toBytes();
  expect(() => appendNumbers(Buffer.from("no audience"), [])).toThrow("no audience");
  expect(() => appendNumbers(bytes.subarray(0, bytes.length - 1), [])).toThrow(RangeError);
});
