/** Does some work unless it has just failed: then undefined, as when it fails now. */
export type SkipFailing = <Result>(work: () => Promise<Result>) => Promise<Result | undefined>;

/**
 * Work that only helps, and must not cost its time-out again and again: after a failure nothing is tried for so many
 * milliseconds, then by one caller alone, and by all once that has worked.
 *
 * @param now milliseconds of a clock that only goes forward.
 * @param isFailure an error that is none is an answer, and undefined as well.
 */
export function createSkipFailing(
  skipMs: number,
  {
    now,
    isFailure,
    onError,
  }: { now: () => number; isFailure: (error: unknown) => boolean; onError: (error: unknown) => void },
): SkipFailing {
  let failing = false;
  let nextTry = 0;
  return async (work) => {
    if (failing) {
      if (now() < nextTry) return undefined;
      nextTry = now() + skipMs;
    }
    try {
      const result = await work();
      failing = false;
      return result;
    } catch (error) {
      failing = isFailure(error);
      nextTry = now() + skipMs;
      onError(error);
      return undefined;
    }
  };
}
