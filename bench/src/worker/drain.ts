import { setTimeout as pause } from "node:timers/promises";
import type { Queue } from "bullmq";

/** A small part of the time a turn takes. */
const LOOK_EVERY_MS = 10;
/** Far more than any side takes. */
const DRAIN_MS_MAX = 180_000;

/**
 * Lets the workers of a paused queue begin, and resolves with the milliseconds they took until no job was left:
 * each is gone only after its views are committed. Rejects when one of them failed, or had to be put off.
 */
export async function drain(queue: Queue): Promise<number> {
  const startedAt = performance.now();
  await queue.resume();
  for (;;) {
    const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
    const tookMs = performance.now() - startedAt;
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    if (delayed + failed > 0) throw new Error(`${queue.name}: ${failed} jobs failed, ${delayed} are put off`);
    if (waiting + active === 0) return tookMs;
    if (tookMs > DRAIN_MS_MAX) throw new Error(`${queue.name}: ${waiting + active} jobs are left`);
    await pause(LOOK_EVERY_MS);
  }
}
