import type { Logger } from "./logger.ts";

/** Where a defect shows, and how the process ends; `process` itself, but for tests. */
export type UncaughtProcess = {
  on(event: "uncaughtException", listener: (error: unknown, origin: string) => void): unknown;
  exit(code: number): void;
};

/**
 * Ends the process, with 1 and one line in the log, at an error that nothing caught and at a rejection that nothing
 * handled, which Node makes one of. What state it is in, nobody knows then; its supervisor starts it again, and whatever
 * was not acknowledged is sent again.
 */
export function endOnUncaught(logger: Pick<Logger, "fatal">, host: UncaughtProcess = process): void {
  host.on("uncaughtException", (error, origin) => {
    try {
      logger.fatal({ err: error, origin }, "ended by an error that nothing caught");
    } finally {
      host.exit(1);
    }
  });
}
