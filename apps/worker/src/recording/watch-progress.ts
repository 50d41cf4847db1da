/** Looks at the queue so many times within the time-out. */
const LOOKS = 10;

export type WatchProgressOptions = {
  /** Jobs that wait or are in hand; rejects while Redis does not say. */
  jobsDue: () => Promise<number>;
  /** What this process has done so far: jobs that it completed or gave back, and statements on the way there. */
  done: () => number;
  /** Why nothing can be done at the moment, and others know it; undefined when something should be. */
  heldBecause: () => string | undefined;
  /** Milliseconds. */
  timeoutMs: number;
  /** Milliseconds of a clock that only goes forward. */
  now: () => number;
  /** Called once, when jobs have been due for `timeoutMs` and not one was done. */
  onStuck: (stuckMs: number) => void;
};

export type ProgressWatch = {
  /** Milliseconds for which jobs have been due and none was done; 0 when all is well. */
  stuckMs(): number;
  stop(): void;
};

/**
 * "Connected" is not "working": sees that jobs are done while there are any. What it cannot blame on anybody is this
 * process's own fault, and ends with it.
 */
export function watchProgress(options: WatchProgressOptions): ProgressWatch {
  const { jobsDue, done, heldBecause, timeoutMs, now, onStuck } = options;
  let since = now();
  let doneBefore = done();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, timeoutMs / LOOKS);

  async function look(): Promise<void> {
    const due = await jobsDue().catch(() => 0);
    const doneNow = done();
    if (due === 0 || doneNow !== doneBefore || heldBecause() !== undefined) since = now();
    doneBefore = doneNow;
    const stuckMs = now() - since;
    if (stuckMs < timeoutMs) return;
    clearInterval(timer);
    onStuck(stuckMs);
  }

  return {
    stuckMs: () => (now() - since > (2 * timeoutMs) / LOOKS ? now() - since : 0),
    stop: () => clearInterval(timer),
  };
}
