/**
 * Asks the stats API something. Never rejects.
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
