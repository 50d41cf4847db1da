const FIRST_DELAY_MS = 500;
const DELAY_MS_MAX = 30_000;
/** Whoever asks for more patience than this gets tried earlier. */
const RETRY_AFTER_MS_MAX = 60_000;

/**
 * Milliseconds until the next try, after `tries` that failed: doubling, up to half a minute, and no less than the
 * answer's `Retry-After` (seconds, or a date) asks for, up to a minute.
 */
export function retryDelayMs(tries: number, retryAfter: string | undefined, now: Date): number {
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), DELAY_MS_MAX);
  return Math.max(backoffMs, Math.min(askedForMs(retryAfter, now), RETRY_AFTER_MS_MAX));
}

function askedForMs(retryAfter: string | undefined, now: Date): number {
  if (retryAfter === undefined) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? 0 : until - now.getTime();
}
