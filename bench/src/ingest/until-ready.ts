import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

const LOOK_EVERY_MS = 50;
const READY_MS_MAX = 15_000;
const readinessSchema = z.object({ checks: z.record(z.string(), z.string()) });

/**
 * Resolves when each check of the service says no more than "ok". Ingest listens a moment before it has reached Redis,
 * and what is posted then takes the way through the spool, which is not the one to measure.
 */
export async function untilReady(adminPort: number): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    const { checks } = readinessSchema.parse(await response.json());
    if (Object.values(checks).every((says) => says === "ok")) return;
    if (performance.now() > deadline) throw new Error(`ingest is not ready: ${JSON.stringify(checks)}`);
    await pause(LOOK_EVERY_MS);
  }
}
