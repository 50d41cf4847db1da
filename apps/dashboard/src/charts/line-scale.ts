/** Pixels for the name of a step on the axis. */
const TICK_WIDTH = 84;

/** The steps that are named on an axis of some pixels: evenly, from the first one on. */
export function shownTicks(steps: number, width: number): number[] {
  const room = Math.max(Math.floor(width / TICK_WIDTH), 1);
  const every = Math.max(Math.ceil(steps / room), 1);
  return Array.from({ length: Math.ceil(steps / every) }, (_, index) => index * every);
}

/** The step that is nearest to a place. */
export function nearestStep(
  place: number,
  { left, right, steps }: { left: number; right: number; steps: number },
): number {
  const share = right <= left ? 0 : (place - left) / (right - left);
  return Math.min(Math.max(Math.round(share * (steps - 1)), 0), Math.max(steps - 1, 0));
}

/** The largest value of all lines; at least 1, so that an axis has a length. */
export function topOf(lines: readonly { values: readonly (number | null)[] }[], reference = 0): number {
  let top = Math.max(reference, 1);
  for (const { values } of lines) for (const value of values) top = Math.max(top, value ?? 0);
  return top;
}

/** Half of a short name, in pixels. */
const HALF_NAME = 24;

/** Where a name stands at its place, so that it stays inside of the axis. */
export function anchorOf(place: number, left: number, right: number): "start" | "middle" | "end" {
  if (place < left + HALF_NAME) return "start";
  return place > right - HALF_NAME ? "end" : "middle";
}
