import type { Worker } from "bullmq";

/** Milliseconds to pause after Redis refused a command. */
const REST_MS = 1_000;

/** Keeps a worker from taking jobs while there is a reason to pause. */
export type PauseLock<Reason extends string> = {
  acquire(reason: Reason): void;
  release(reason: Reason): void;
};

/**
 * Pauses a worker for several independent reasons. It resumes when the last reason is released.
 *
 * The reason `refused` is handled here: when Redis refuses commands (full, read-only, a missing right), BullMQ would
 * repeat them at once and without end, because it waits only after lost connections. So the worker pauses for a second.
 *
 * @param onError called with every error of the queue except lost connections, which the connection itself reports.
 */
export function createPauseLock<Reason extends string>(
  worker: Worker,
  onError: (error: Error) => void,
): PauseLock<Reason> {
  const reasons = new Set<Reason | "refused">();

  function acquire(reason: Reason | "refused"): void {
    reasons.add(reason);
    if (!worker.closing) void worker.pause(true);
  }

  function release(reason: Reason | "refused"): void {
    reasons.delete(reason);
    if (reasons.size === 0 && !worker.closing) void worker.resume();
  }

  worker.on("error", (error) => {
    if ("code" in error && /^E[A-Z]+$/.test(String(error.code))) return;
    // A refused database number is a lost connection too: the connection itself reports it.
    if (isOfCommand(error, "select")) return;
    onError(error);
    if (error.name !== "ReplyError" || reasons.has("refused")) return;
    acquire("refused");
    setTimeout(() => release("refused"), REST_MS);
  });

  return { acquire, release };
}

/** Whether Redis answered this command with the error. */
function isOfCommand(error: Error & { command?: { name?: string } }, name: string): boolean {
  return error.command?.name === name;
}
