/**
 * Does `work` at most once in so many milliseconds, and gives its result to everyone who asks meanwhile: also a failure, so
 * that what is asked for often costs no more while it fails. The time counts from the end of the work.
 */
export function sharedFor<Result>(
  ms: number,
  work: () => Promise<Result>,
  now: () => number = () => performance.now(),
): () => Promise<Result> {
  let shared: Promise<Result> | undefined;
  let endsAt = Number.POSITIVE_INFINITY;
  return () => {
    if (shared !== undefined && now() < endsAt) return shared;
    endsAt = Number.POSITIVE_INFINITY;
    shared = work().finally(() => {
      endsAt = now() + ms;
    });
    return shared;
  };
}
