/**
 * A number of viewers whose views retention has removed. It may have been counted before: then it must be this number,
 * otherwise null.
 */
export class MaybeNull {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A number that is known up to how it is rounded, or when exactly it was recorded. */
export class Between {
  readonly low: number;
  readonly high: number;
  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }
}

/** A text for a number that is {@link MaybeNull}. */
export class OneOf {
  readonly texts: readonly string[];
  constructor(...texts: string[]) {
    this.texts = texts;
  }
}

/** Answers have nine digits of a score. */
const ROUNDING = 1e-8;

/** The expected answer, with what was found in place of {@link MaybeNull} and {@link Between} where that is right. */
export function settle(expected: unknown, found: unknown): unknown {
  if (expected instanceof MaybeNull) return found === null ? null : expected.value;
  if (expected instanceof OneOf) return expected.texts.find((text) => text === found) ?? expected.texts[0];
  if (expected instanceof Between) {
    const { low, high } = expected;
    if (typeof found !== "number") return high;
    return found >= low - ROUNDING * low && found <= high + ROUNDING * high ? found : high;
  }
  if (Array.isArray(expected)) {
    return expected.map((each, index) => settle(each, Array.isArray(found) ? found[index] : undefined));
  }
  if (expected === null || typeof expected !== "object") return expected;
  const of: Record<string, unknown> = { ...(found as object | null) };
  return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, settle(value, of[name])]));
}
