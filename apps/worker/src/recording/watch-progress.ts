/** Checks of the queue within the time-out. */
const CHECKS = 10;

export type WatchProgressOptions = {
  /** Jobs that wait or are in flight. Rejects while Redis is away. */
  jobsDue: () => Promise<number>;
  /** What this process has done: jobs that it completed or gave back, and their statements so far. */
  done: () => number;
  /** A known reason why nothing can be done at the moment; undefined when there is none. */
  pausedBecause: () => string | undefined;
  /** Milliseconds. */
  timeoutMs: number;
  /** Milliseconds of a monotonic clock. */
  now: () => number;
  /** Called once, when jobs have been waiting for `timeoutMs` and none was done. */
  onStuck: (stuckMs: number) => void;
};

export type ProgressWatch = {
  /** Milliseconds for which jobs have been waiting and none was done; 0 when all is well. */
  stuckMs(): number;
  stop(): void;
};

/**
 * "Connected" does not mean "working": checks that jobs are done while there are any. If nothing else explains a stop,
 * this process is at fault, and a restart helps.
 */
export function watchProgress(options: WatchProgressOptions): ProgressWatch {
  const { jobsDue, done, pausedBecause, timeoutMs, now, onStuck } = options;
  let since = now();
  let doneBefore = done();
  let isChecking = false;
  const timer = setInterval(() => {
    if (isChecking) return;
    isChecking = true;
    void check().finally(() => {
      isChecking = false;
    });
  }, timeoutMs / CHECKS);

  async function check(): Promise<void> {
    const due = await jobsDue().catch(() => 0);
    const doneNow = done();
    if (due === 0 || doneNow !== doneBefore || pausedBecause() !== undefined) since = now();
    doneBefore = doneNow;
    const stuckMs = now() - since;
    if (stuckMs < timeoutMs) return;
    clearInterval(timer);
    onStuck(stuckMs);
  }

  return {
    stuckMs: () => (now() - since > (2 * timeoutMs) / CHECKS ? now() - since : 0),
    stop: () => clearInterval(timer),
  };
}
