/** Calls `run` at most once in `ms` milliseconds, with the first call's arguments; calls in between do nothing. */
export function atMostEvery<Args extends unknown[]>(
  ms: number,
  run: (...args: Args) => void,
  now: () => number = Date.now,
): (...args: Args) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (...args) => {
    if (now() - last < ms) return;
    last = now();
    run(...args);
  };
}
