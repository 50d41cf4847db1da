import { z } from "zod";

const ANSWER_MS_MAX = 2_000;
const readinessSchema = z.object({ checks: z.object({ durable: z.string() }) });

/**
 * What an ingest says of queue and spool, in its words: "ok" when nothing waits and views can be spooled. Never rejects.
 *
 * @param port its operators'; undefined while it does not run.
 */
export async function spoolSays(port: number | undefined): Promise<string> {
  if (port === undefined) return "an ingest is away";
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    return readinessSchema.parse(await response.json()).checks.durable;
  } catch (error) {
    return `an ingest does not answer: ${error instanceof Error ? error.message : error}`;
  }
}

/** Does nothing wait in its spool? Other things may be wrong all the same. */
export function isDrained(says: string): boolean {
  return says === "ok" || / 0 batches, /.test(says);
}
