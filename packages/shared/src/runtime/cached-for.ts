/**
 * Returns a function that runs `work` at most once in `ms` milliseconds, and gives all callers meanwhile the same result.
 * A failure is cached too, so that frequent calls cost no more while it fails. The time counts from the end of the work.
 */
export function cachedFor<Result>(
  ms: number,
  work: () => Promise<Result>,
  now: () => number = () => performance.now(),
): () => Promise<Result> {
  let cached: Promise<Result> | undefined;
  let endsAt = Number.POSITIVE_INFINITY;
  return () => {
    if (cached !== undefined && now() < endsAt) return cached;
    endsAt = Number.POSITIVE_INFINITY;
    cached = work().finally(() => {
      endsAt = now() + ms;
    });
    return cached;
  };
}
