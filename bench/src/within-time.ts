/** Settles as `work` does, or rejects when that takes too long: the bench must end also where a side hangs. */
export async function withinTime<Result>(
  work: Promise<Result>,
  { secondsMax, what }: { secondsMax: number; what: string },
): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what} took longer than ${secondsMax} s`)),
    secondsMax * 1_000,
  );
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
