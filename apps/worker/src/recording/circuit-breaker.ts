import type { Failure } from "@model-views/db/postgres/failure.ts";

/** Milliseconds between two looks whether PostgreSQL is back. */
const PROBE_MS = 500;
/**
 * The same when somebody has to mend something; also the least time that the queue rests after a failure that no probe
 * shows, such as a mistake in our own program.
 */
const PROBE_PROGRAM_MS = 5_000;

/** Whether there is any sense in trying to record views: closed, there is; open, there is not. */
export type Breaker = {
  /** Told of a failure that is not the views' own. */
  open(failure: Failure): void;
  /** Why it is open; undefined while it is closed. */
  openBecause(): Failure | undefined;
  stop(): void;
};

export type BreakerOptions = {
  /** Resolves when views can be recorded; rejects with the reason when they cannot. */
  probe: () => Promise<void>;
  /** Says what a probe's rejection means. */
  failureOf: (error: unknown) => Failure;
  onOpen: (failure: Failure) => void;
  onClose: () => void;
};

/**
 * One breaker for the process. The first failure opens it, then it probes by itself until a probe succeeds. A probe
 * that fails for another reason changes the reason.
 */
export function createBreaker({ probe, failureOf, onOpen, onClose }: BreakerOptions): Breaker {
  let because: Failure | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  function probeLater(): void {
    if (stopped) return;
    timer = setTimeout(
      () => void probe().then(close, remain),
      because?.kind === "world" ? PROBE_MS : PROBE_PROGRAM_MS,
    );
  }

  function close(): void {
    if (stopped) return;
    because = undefined;
    onClose();
  }

  function remain(error: unknown): void {
    const failure = failureOf(error);
    if (failure.kind !== because?.kind) onOpen(failure);
    because = failure;
    probeLater();
  }

  return {
    open(failure) {
      if (because !== undefined || stopped) return;
      because = failure;
      onOpen(failure);
      probeLater();
    },
    openBecause: () => because,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
