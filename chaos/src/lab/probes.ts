import { z } from "zod";

const READINESS_MS_MAX = 2_000;
const readinessSchema = z.object({ checks: z.object({ durable: z.string() }) });

/**
 * The state of an ingest's queue and spool, as its readiness reports it: "ok" when nothing waits and views can be spooled.
 * Never rejects.
 *
 * @param adminPort undefined while it does not run.
 */
export async function spoolState(adminPort: number | undefined): Promise<string> {
  if (adminPort === undefined) return "an ingest is away";
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`, {
      signal: AbortSignal.timeout(READINESS_MS_MAX),
    });
    return readinessSchema.parse(await response.json()).checks.durable;
  } catch (error) {
    return `an ingest does not answer: ${error instanceof Error ? error.message : error}`;
  }
}

/** Whether nothing waits in the spool, even if something else is wrong. */
export function isDrained(state: string): boolean {
  return state === "ok" || / 0 batches, /.test(state);
}

/**
 * Sends a question to the stats API. Never rejects.
 *
 * @param port undefined while it does not run.
 * @returns undefined when it was answered within `msMax` milliseconds; else what was wrong.
 */
export async function problemOfAsking(
  port: number | undefined,
  { path, key, msMax }: { path: string; key: string; msMax: number },
): Promise<string | undefined> {
  if (port === undefined) return "it does not run";
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(msMax),
    });
    const text = await answer.text();
    return answer.ok ? undefined : `${answer.status} ${text}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
