import type { Failure } from "@model-views/db/postgres/failure.ts";

/** Milliseconds between probes of PostgreSQL. */
const PROBE_MS = 500;
/**
 * The same when an operator has to repair something. Also the least pause after a failure that no probe detects, such as
 * a bug in our code.
 */
const PROBE_PROGRAM_MS = 5_000;

/** Whether views can be recorded: closed means yes, open means no. */
export type Breaker = {
  /** Opens it because of a failure that is not the views' own. */
  open(failure: Failure): void;
  /** Why it is open; undefined while it is closed. */
  openBecause(): Failure | undefined;
  stop(): void;
};

export type BreakerOptions = {
  /** Resolves when views can be recorded; rejects with the reason when they cannot. */
  probe: () => Promise<void>;
  /** Classifies what a probe rejected with. */
  failureOf: (error: unknown) => Failure;
  onOpen: (failure: Failure) => void;
  onClose: () => void;
};

/**
 * One breaker for the process. The first failure opens it, and then it probes until a probe succeeds. A probe that fails
 * with another reason replaces the reason.
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
