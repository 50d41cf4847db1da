import { ModelViewsError } from "./model-views-error.ts";

/** The upper limit of `timeoutMs`. */
const TIMEOUT_MS_MAX = 60_000;

/**
 * Runs `work` for at most `timeoutMs` (and at most a minute). Aborts its signal when the time is over or `signal` is
 * aborted.
 *
 * @throws {ModelViewsError} `timeout` or `aborted`, at once, even when `work` ignores its signal.
 */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: ended, reject } = withReject();
  const end = (error: ModelViewsError) => {
    reject(error);
    controller.abort();
  };
  const onAbort = () => end(new ModelViewsError("the call was aborted", { code: "aborted" }));
  const timer = setTimeout(
    () => end(new ModelViewsError(`did not answer within ${timeoutMs} ms`, { code: "timeout" })),
    Math.min(timeoutMs, TIMEOUT_MS_MAX),
  );
  signal?.addEventListener("abort", onAbort);
  try {
    if (signal?.aborted) onAbort();
    return await Promise.race([ended, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
