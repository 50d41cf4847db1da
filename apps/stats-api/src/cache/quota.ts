type Entry = { bytes: number; until: number };

export type Quota = {
  /** May this be kept until then? If so it counts, in place of what the key had before. Times are milliseconds of a clock that only goes forward. */
  take(key: string, entry: Entry, now: number): boolean;
};

/** Keeps count of what one process has in a store that forgets by itself. */
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
