/** What is told of a number that was measured once a round. */
export type Figures = { median: number; min: number; max: number };

/** @throws when nothing was measured. */
export function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  const min = sorted[0];
  const max = sorted.at(-1);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (min === undefined || max === undefined || low === undefined || high === undefined) {
    throw new Error("there is nothing to take figures of");
  }
  return { median: (low + high) / 2, min, max };
}

/** What so large a part (0 to 1) of the values does not exceed; by the nearest rank. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (found === undefined) throw new Error("there is nothing to take figures of");
  return found;
}
