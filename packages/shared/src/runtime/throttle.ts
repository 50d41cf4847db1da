/**
 * Calls `run` at most once in `ms` milliseconds, with the first call's arguments. Calls in between do nothing.
 *
 * @param now milliseconds of a monotonic clock: if a clock is set back, nothing would happen for a long time.
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

/** Keys in memory. Calls with further keys do nothing. */
const KEYS_MAX = 100;

/**
 * Throttles per first argument: at most 100 different ones in `ms` milliseconds, so that clients cannot make the log or the
 * memory grow with made-up keys.
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
