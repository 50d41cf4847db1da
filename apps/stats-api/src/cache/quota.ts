type Entry = { bytes: number; until: number };

export type Quota = {
  /**
   * Whether the entry may be stored until its time. If so it counts, in place of an earlier entry of the same key.
   * Times are milliseconds of a monotonic clock.
   */
  take(key: string, entry: Entry, now: number): boolean;
};

/** Limits what one process has in a store whose entries expire on their own. */
export function createQuota({ entriesMax, bytesMax }: { entriesMax: number; bytesMax: number }): Quota {
  const alive = new Map<string, Entry>();
  let total = 0;
  return {
    take(key, entry, now) {
      for (const [other, { bytes, until }] of alive) {
        if (until > now) continue;
        alive.delete(other);
        total -= bytes;
      }
      const before = alive.get(key);
      const count = before === undefined ? alive.size + 1 : alive.size;
      const bytes = total - (before?.bytes ?? 0) + entry.bytes;
      if (count > entriesMax || bytes > bytesMax) return false;
      alive.set(key, entry);
      total = bytes;
      return true;
    },
  };
}
