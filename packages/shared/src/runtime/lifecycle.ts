import type { Logger } from "./logger.ts";

/** Milliseconds from the signal to the end of a process, at the latest. */
const DEADLINE_MS = 8_000;

/** What to close: a name for the log, and how. */
export type ClosingStep = readonly [name: string, close: () => Promise<unknown> | unknown];

/** Closes the process. `exitCode` applies if all steps succeed, and is 0 by default. */
export type Close = (reason: string, options?: { exitCode: number }) => void;

/** How a process ends. */
export type Lifecycle = {
  /**
   * Sets the steps to close with, in order, when the process has to end: on SIGTERM or SIGINT, when a parent with an
   * IPC channel is gone, or after an uncaught error. Each step runs after the one before, even if that failed. Then the
   * process ends with 0, or with 1 if a step failed, an error was uncaught or `deadlineMs` passed. The deadline is
   * hard, because `worker.close()` waits for ever if Redis is gone.
   *
   * Returns a function that does the same for another reason.
   */
  closeWith(steps: readonly ClosingStep[], options?: { deadlineMs: number }): Close;
};

/** Where signals come from and how the process ends: `process` itself, except in tests. */
export type ClosingProcess = {
  on(event: "SIGTERM" | "SIGINT" | "disconnect", listener: () => void): unknown;
  on(event: "uncaughtException", listener: (error: unknown, origin: string) => void): unknown;
  exit(code: number): void;
};

/**
 * Handles uncaught errors: exceptions, and rejections, which Node turns into exceptions.
 *
 * While a process starts, such an error ends it with 1. Later, the first one closes it in order. The state of the process
 * is unknown then, but nothing else can store the views in its memory, whose senders still wait for an answer. As always,
 * a view is acknowledged only after it was stored. A second error shows that closing does not work: it ends the process
 * at once.
 */
export function watchLifecycle(
  logger: Pick<Logger, "fatal" | "error" | "info">,
  host: ClosingProcess = process,
): Lifecycle {
  let close: Close | undefined;
  let isBroken = false;

  host.on("uncaughtException", (error, origin) => {
    const endsNow = close === undefined || isBroken;
    isBroken = true;
    try {
      logger.fatal({ err: error, origin }, endsNow ? "uncaught error, ending" : "uncaught error, closing");
    } finally {
      if (endsNow) host.exit(1);
      else close?.("an uncaught error");
    }
  });

  return {
    closeWith(steps, { deadlineMs } = { deadlineMs: DEADLINE_MS }) {
      let isClosing = false;

      async function closeAll(reason: string, exitCode: number): Promise<void> {
        if (isClosing) return;
        isClosing = true;
        logger.info({ reason }, "closing");
        let hasFailed = false;
        let current = "";
        const deadline = setTimeout(() => {
          logger.error({ step: current, deadlineMs }, "closing took too long, giving up");
          host.exit(1);
        }, deadlineMs);
        for (const [name, closeStep] of steps) {
          current = name;
          try {
            await closeStep();
          } catch (error) {
            hasFailed = true;
            logger.error({ err: error, step: name }, "could not close");
          }
        }
        clearTimeout(deadline);
        logger.info("closed");
        host.exit(hasFailed || isBroken ? 1 : exitCode);
      }

      const start: Close = (reason, { exitCode } = { exitCode: 0 }) => void closeAll(reason, exitCode);
      close = start;
      host.on("SIGTERM", () => start("SIGTERM"));
      host.on("SIGINT", () => start("SIGINT"));
      host.on("disconnect", () => start("the parent process is gone"));
      return start;
    },
  };
}
