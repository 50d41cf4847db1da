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

/** The same for each first argument on its own, of which there should be few. */
export function atMostEveryPerKey<Rest extends unknown[]>(
  ms: number,
  run: (key: string, ...rest: Rest) => void,
  now: () => number = Date.now,
): (key: string, ...rest: Rest) => void {
  const perKey = new Map<string, (...rest: Rest) => void>();
  return (key, ...rest) => {
    const limited = perKey.get(key) ?? atMostEvery(ms, (...args: Rest) => run(key, ...args), now);
    perKey.set(key, limited);
    limited(...rest);
  };
}
