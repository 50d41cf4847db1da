/**
 * Calls `run` at most once in `ms` milliseconds, with the first call's arguments; calls in between do nothing.
 *
 * @param now milliseconds of a clock that only goes forward: after one that is set back, nothing would be said for long.
 */
export function throttle<Args extends unknown[]>(
  ms: number,
  run: (...args: Args) => void,
  now: () => number = () => performance.now(),
): (...args: Args) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (...args) => {
    if (now() - last < ms) return;
    last = now();
    run(...args);
  };
}

/** Keys that are remembered: the others of that time say nothing. */
const KEYS_MAX = 100;

/**
 * The same for each first argument on its own: at most 100 different ones in `ms` milliseconds, so that neither lines nor
 * memory grow with what a stranger or a flood makes up.
 */
export function throttlePerKey<Rest extends unknown[]>(
  ms: number,
  run: (key: string, ...rest: Rest) => void,
  now: () => number = () => performance.now(),
): (key: string, ...rest: Rest) => void {
  const lastOf = new Map<string, number>();
  return (key, ...rest) => {
    const at = now();
    const last = lastOf.get(key);
    if (last !== undefined && at - last < ms) return;
    if (last === undefined && lastOf.size >= KEYS_MAX) forgetOld(at);
    if (last === undefined && lastOf.size >= KEYS_MAX) return;
    lastOf.set(key, at);
    run(key, ...rest);
  };

  function forgetOld(at: number): void {
    for (const [key, last] of lastOf) if (at - last >= ms) lastOf.delete(key);
  }
}
