import type { WrittenBatch } from "./spool.ts";

/** Views in memory: about 30 MB. Beyond this the oldest are dropped. */
const VIEWS_MAX = 50_000;

type RecentBatch = { at: number; views: number; batch: WrittenBatch };

/** Batches that the queue has acknowledged, and that may not be on Redis' disk yet. */
export type RecentlyQueued = {
  add(batch: WrittenBatch, views: number): void;
  /** Everything queued at least `agoMs` milliseconds ago is on Redis' disk. */
  settled(agoMs: number): void;
  /** Removes and returns all of them, oldest first. */
  takeAll(): RecentBatch[];
  /** Returns batches that could not be made durable elsewhere. Later ones come after them. */
  giveBack(taken: readonly RecentBatch[]): void;
};

/**
 * With `appendfsync everysec`, Redis acknowledges a job before it is on the disk. If Redis then stops, because its disk
 * is full or its machine lost power, it comes back without the last moments. So batches stay here until Redis has synced
 * them, and are queued again when that is uncertain. A view that is on the queue twice is recorded once.
 *
 * Stored as the text that was queued: the garbage collector would move views that are objects one by one, which took 5
 * of the 65 µs per view.
 *
 * @param now milliseconds of a monotonic clock.
 */
export function createRecentlyQueued({ now }: { now: () => number }): RecentlyQueued {
  let recent: RecentBatch[] = [];
  let views = 0;

  function dropFirst(count: number): void {
    for (const each of recent.splice(0, count)) views -= each.views;
  }

  function dropBeyond(): void {
    while (views > VIEWS_MAX) dropFirst(1);
  }

  return {
    add(batch, count) {
      recent.push({ at: now(), views: count, batch });
      views += count;
      dropBeyond();
    },
    settled(agoMs) {
      const at = now() - agoMs;
      const first = recent.findIndex((each) => each.at > at);
      dropFirst(first === -1 ? recent.length : first);
    },
    takeAll() {
      const taken = recent;
      recent = [];
      views = 0;
      return taken;
    },
    giveBack(taken) {
      recent = [...taken, ...recent];
      views += taken.reduce((sum, each) => sum + each.views, 0);
      dropBeyond();
    },
  };
}
