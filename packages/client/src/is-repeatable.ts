/**
 * How far the time of a view may be off for the view to be posted twice. Ingest accepts 5 minutes; the second try comes
 * later than the first.
 */
const RETRY_CLOCK_SKEW_MS_MAX = 240_000;

/**
 * Whether a view that is posted twice counts once: it needs an id and a time that ingest accepts. Ingest replaces another
 * time by its own, which differs between the two posts.
 */
export function isRepeatable(body: string | null): boolean {
  try {
    const { id, viewedAt } = JSON.parse(body ?? "");
    const offMs = Math.abs(Date.parse(viewedAt) - Date.now());
    return typeof id === "string" && offMs < RETRY_CLOCK_SKEW_MS_MAX;
  } catch {
    return false;
  }
}
