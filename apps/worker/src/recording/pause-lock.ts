import type { Worker } from "bullmq";

/** Milliseconds of rest after Redis refused a command. */
const REST_MS = 1_000;

/** Keeps a worker from taking jobs for as long as there is any reason to. */
export type PauseLock<Reason extends string> = {
  acquire(reason: Reason): void;
  release(reason: Reason): void;
};

/**
 * Pauses and resumes a worker for several reasons that do not know of each other: it takes jobs when none is left.
 *
 * One reason is kept here, `refused`: a Redis that refuses commands (full, read-only, a permission) would be asked again at
 * once, without end, for BullMQ waits only after lost connections. So it rests for a second.
 *
 * @param onError told of every error of the queue but lost connections, which the connection itself tells of.
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
    onError(error);
    if (error.name !== "ReplyError" || reasons.has("refused")) return;
    acquire("refused");
    setTimeout(() => release("refused"), REST_MS);
  });

  return { acquire, release };
}
