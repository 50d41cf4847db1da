import type { Logger } from "./logger.ts";

/** Milliseconds from the signal to the end of a process, come what may. */
export const SHUTDOWN_DEADLINE_MS = 8_000;

/** What to close, in order: a name for the log, and how. */
export type ClosingStep = readonly [name: string, close: () => Promise<unknown> | unknown];

/** Where signals come from and how the process ends; `process` itself, but for tests. */
export type ClosingProcess = {
  on(event: "SIGTERM" | "SIGINT" | "disconnect", listener: () => void): unknown;
  exit(code: number): void;
};

/**
 * Runs the steps in order when SIGTERM or SIGINT arrives, or when the parent that it has an IPC channel to is gone,
 * each after the one before, and ends the process: with 0 when all of them succeeded, with 1 when one failed or `deadlineMs` passed first. A step that fails does not keep the next from running.
 * The deadline is hard because `worker.close()` waits for ever once Redis is gone.
 *
 * Returns the same, to be called for other reasons to stop; `exitCode` is for when all of the steps succeed.
 */
export function closeOnSignal(
  steps: readonly ClosingStep[],
  {
    logger,
    deadlineMs,
    process: host = process,
  }: { logger: Logger; deadlineMs: number; process?: ClosingProcess },
): (reason: string, options?: { exitCode: number }) => void {
  let closing = false;

  async function close(reason: string, exitCode = 0): Promise<void> {
    if (closing) return;
    closing = true;
    logger.info({ reason }, "closing");
    let failed = false;
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
        failed = true;
        logger.error({ err: error, step: name }, "could not close");
      }
    }
    clearTimeout(deadline);
    logger.info("closed");
    host.exit(failed ? 1 : exitCode);
  }

  host.on("SIGTERM", () => void close("SIGTERM"));
  host.on("SIGINT", () => void close("SIGINT"));
  host.on("disconnect", () => void close("the parent process is gone"));
  return (reason, { exitCode } = { exitCode: 0 }) => void close(reason, exitCode);
}
