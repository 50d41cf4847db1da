import { type Audience, numbersOf } from "./audience.ts";
import { partsOfKey } from "./grouping.ts";
import type { RawRow } from "./raw-audiences.ts";
import { bytesOf, type StoredRow } from "./read-stored.ts";

/** The keys with the most views of each dimension, and all others with as many as the last of them. */
export function mostViewed(rows: readonly { key: string; views: number }[], limit: number): Set<string> {
  const views = new Map<string, number>();
  for (const row of rows) views.set(row.key, (views.get(row.key) ?? 0) + row.views);
  const most = [...Map.groupBy(views, ([key]) => partsOfKey(key).dimension).values()].flatMap((of) => {
    const sums = of.toSorted(([, a], [, b]) => b - a);
    const least = sums[Math.min(limit, sums.length) - 1]?.[1] ?? 0;
    return sums.filter(([, sum]) => sum >= least);
  });
  return new Set(most.map(([key]) => key));
}

/** The sum; null when one of them is not known. */
export function sumOrNull(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((sum, number) => (sum === null || number === null ? null : sum + number), 0);
}

/** Different viewers of pieces of one span; null where an audience is not known. */
export async function viewersOf(
  pieces: readonly (StoredRow | RawRow)[],
  newAudience: (() => Audience) | undefined,
  pause: (bytes: number) => Promise<void>,
): Promise<number | null> {
  const [only] = pieces;
  if (only === undefined) return 0;
  if (pieces.length === 1) return only.viewers;
  if (newAudience === undefined) throw new Error("several pieces of a span without their audiences");
  using all = newAudience();
  // Viewers whose number is not known yet are in no stored audience.
  let unnumbered = 0;
  for (const piece of pieces) {
    if ("numbers" in piece) {
      const numbers = piece.numbers === null ? new Uint32Array() : numbersOf(piece.numbers);
      all.addNumbers(numbers);
      unnumbered += piece.viewers - numbers.length;
      await pause(numbers.byteLength);
    } else {
      if (piece.audience === null) return null;
      all.add(bytesOf(piece.audience));
      await pause(piece.audience.length);
    }
  }
  return all.size + unnumbered;
}
