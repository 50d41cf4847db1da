/** Runs `work`, unless it failed a moment ago. Resolves with undefined in that case, and when it fails now. */
export type CircuitBreaker = <Result>(work: () => Promise<Result>) => Promise<Result | undefined>;

/**
 * For optional work, which must not cost its time-out on every request: after a failure nothing is tried for `openMs`
 * milliseconds. Then one caller tries, and the others again once that has succeeded.
 *
 * @param now milliseconds of a monotonic clock.
 * @param isFailure whether an error opens the breaker. After another error the next work is tried at once.
 */
export function createCircuitBreaker(
  openMs: number,
  {
    now,
    isFailure,
    onError,
  }: { now: () => number; isFailure: (error: unknown) => boolean; onError: (error: unknown) => void },
): CircuitBreaker {
  let isOpen = false;
  let nextTry = 0;
  return async (work) => {
    if (isOpen) {
      if (now() < nextTry) return undefined;
      nextTry = now() + openMs;
    }
    try {
      const result = await work();
      isOpen = false;
      return result;
    } catch (error) {
      isOpen = isFailure(error);
      nextTry = now() + openMs;
      onError(error);
      return undefined;
    }
  };
}
