import type { Worker } from "bullmq";

/** Milliseconds of rest after Redis refused a command. */
const REST_MS = 1_000;

/** Keeps a worker from taking jobs for as long as there is any reason to. */
export type Holds<Reason extends string> = {
  hold(reason: Reason): void;
  letGo(reason: Reason): void;
};

/**
 * Holds and lets go of a worker for several reasons that do not know of each other: it takes jobs when none is left.
 *
 * One reason is kept here, `refused`: a Redis that refuses commands (full, read-only, a permission) would be asked again at
 * once, without end, for BullMQ waits only after lost connections. So it rests for a second.
 *
 * @param onError told of every error of the queue but lost connections, which the connection itself tells of.
 */
export function createHolds<Reason extends string>(
  worker: Worker,
  onError: (error: Error) => void,
): Holds<Reason> {
  const reasons = new Set<Reason | "refused">();

  function hold(reason: Reason | "refused"): void {
    reasons.add(reason);
    if (!worker.closing) void worker.pause(true);
  }

  function letGo(reason: Reason | "refused"): void {
    reasons.delete(reason);
    if (reasons.size === 0 && !worker.closing) void worker.resume();
  }

  worker.on("error", (error) => {
    if ("code" in error && /^E[A-Z]+$/.test(String(error.code))) return;
    onError(error);
    if (error.name !== "ReplyError" || reasons.has("refused")) return;
    hold("refused");
    setTimeout(() => letGo("refused"), REST_MS);
  });

  return { hold, letGo };
}
