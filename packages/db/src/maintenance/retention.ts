/** How long views are kept: `retentionDays` as in `RETENTION_DAYS`, 0 for ever. */
export type Retention = { now: Date; retentionDays: number };

const DAY_MS = 86_400_000;

/** Anything older than this is not kept. Undefined when everything is kept for ever. */
export function keptSince({ now, retentionDays }: Retention): Date | undefined {
  return retentionDays === 0 ? undefined : new Date(now.getTime() - retentionDays * DAY_MS);
}

/**
 * The start (in UTC) of the oldest month that keeps its views: views are removed by whole months, so up to a month
 * later than configured. Undefined when they are kept for ever.
 */
export function oldestKeptMonth(retention: Retention): Date | undefined {
  const since = keptSince(retention);
  return since && new Date(Date.UTC(since.getUTCFullYear(), since.getUTCMonth(), 1));
}
