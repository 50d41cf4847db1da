import { setTimeout as pause } from "node:timers/promises";

const AGAIN_MS = 100;
const DONE_MS_MAX = 60_000;

/** Tries again until it works, for as long as a store can be away; rejects with the last reason after a minute. */
export async function untilDone<Result>(
  work: () => Promise<Result>,
  msMax: number = DONE_MS_MAX,
): Promise<Result> {
  const deadline = performance.now() + msMax;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(AGAIN_MS);
    }
  }
}
