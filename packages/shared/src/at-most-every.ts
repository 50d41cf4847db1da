/**
 * Calls `run` at most once in `ms` milliseconds, with the first call's arguments; calls in between do nothing.
 *
 * @param now milliseconds of a clock that only goes forward: after one that is set back, nothing would be said for long.
 */
export function atMostEvery<Args extends unknown[]>(
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

/** The same for each first argument on its own, of which there should be few. */
export function atMostEveryPerKey<Rest extends unknown[]>(
  ms: number,
  run: (key: string, ...rest: Rest) => void,
  now: () => number = () => performance.now(),
): (key: string, ...rest: Rest) => void {
  const perKey = new Map<string, (...rest: Rest) => void>();
  return (key, ...rest) => {
    const limited = perKey.get(key) ?? atMostEvery(ms, (...args: Rest) => run(key, ...args), now);
    perKey.set(key, limited);
    limited(...rest);
  };
}
