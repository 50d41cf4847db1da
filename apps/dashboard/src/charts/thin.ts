/**
 * The places of a line that have to be drawn in some columns: for each column the first, the last, the smallest and
 * the largest value of every piece between gaps, and each gap. So the drawing looks the same, and no peak and no gap is lost.
 * All places where there are few.
 *
 * @param columns how many columns the values share.
 */
export function thinned(values: readonly (number | null)[], columns: number): number[] {
  const each = Math.ceil(values.length / Math.max(columns, 1));
  if (each <= 2) return [...values.keys()];
  const kept: number[] = [];
  for (let from = 0; from < values.length; from += each) {
    keepColumn(values, { from, end: Math.min(from + each, values.length) }, kept);
  }
  return kept;
}

function keepColumn(
  values: readonly (number | null)[],
  { from, end }: { from: number; end: number },
  kept: number[],
): void {
  let begin = from;
  while (begin < end) {
    const isGap = values[begin] == null;
    let next = begin;
    let [least, most] = [begin, begin];
    while (next < end && (values[next] == null) === isGap) {
      if ((values[next] ?? 0) < (values[least] ?? 0)) least = next;
      if ((values[next] ?? 0) > (values[most] ?? 0)) most = next;
      next += 1;
    }
    const places = isGap ? [begin] : [begin, Math.min(least, most), Math.max(least, most), next - 1];
    for (const place of places) if (kept.at(-1) !== place) kept.push(place);
    begin = next;
  }
}

/** The values without a neighbour: a line has no length there, so they are drawn as points. */
export function lonePlaces(values: readonly (number | null)[]): number[] {
  const isKnown = (place: number) => (values[place] ?? null) !== null;
  return [...values.keys()].filter((place) => isKnown(place) && !isKnown(place - 1) && !isKnown(place + 1));
}
