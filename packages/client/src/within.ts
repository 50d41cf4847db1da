/** No page waits longer, whatever it was configured to. */
const TIMEOUT_MS_MAX = 60_000;

/** Thrown by {@link within} when the time is over. */
export class TimeoutError extends Error {
  override name = "TimeoutError";
}

/**
 * Runs `work` for at most `timeoutMs` (and at most a minute), and tells it by the signal that nobody waits any more.
 *
 * @throws {TimeoutError} when the time is over, also when `work` does not heed the signal.
 */
export async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new TimeoutError());
        controller.abort();
      },
      Math.min(timeoutMs, TIMEOUT_MS_MAX),
    );
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
