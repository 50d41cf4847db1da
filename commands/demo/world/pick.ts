/** Picks an index at random, each as often as its weight says. */
export type Pick = (random: number) => number;

/** @param weights at least one above 0. */
export function picker(weights: readonly number[]): Pick {
  const upto: number[] = [];
  let sum = 0;
  for (const weight of weights) {
    sum += weight;
    upto.push(sum);
  }
  return (random) => {
    const wanted = random * sum;
    let [low, high] = [0, upto.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((upto[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Picks one of a list, each as often as its `weight` says. */
export function pickerOf<Item extends { weight: number }>(items: readonly Item[]): (random: number) => Item {
  const pick = picker(items.map(({ weight }) => weight));
  return (random) => items[pick(random)] as Item;
}

/** A number of 32 bits that looks random, from several: a seed for what they name. */
export function mixedSeed(...parts: readonly number[]): number {
  let mixed = 0x9e3779b9;
  for (const part of parts) {
    mixed = Math.imul(mixed ^ part, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed | 0;
}

/** How many events there are where so many are expected: a whole number, for numbers that may be below 1. */
export function rounded(expected: number, random: () => number): number {
  return Math.floor(expected + random());
}
