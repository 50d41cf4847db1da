import type { WrittenBatch } from "./spool.ts";

/** Views that are kept at most: some 30 MB. Of more, those of longest ago are given up first. */
const VIEWS_MAX = 50_000;

type Kept = { at: number; views: number; batch: WrittenBatch };

/** Batches that the queue has acknowledged, and that Redis may not have on its disk yet. */
export type RecentlyQueued = {
  add(batch: WrittenBatch, views: number): void;
  /** Redis has on its disk what was queued `agoMs` milliseconds ago or earlier. */
  settled(agoMs: number): void;
  /** Gives all of them out, oldest first, and forgets them. */
  takeAll(): Kept[];
  /** What was taken could not be made safe elsewhere. What has come since is behind it. */
  giveBack(taken: readonly Kept[]): void;
};

/**
 * With `appendfsync everysec` Redis acknowledges a job before it is on the disk. A Redis that goes away just then, because
 * its disk is full or its machine has lost power, comes back without the last moments. So they are kept here until they are
 * safe there, and queued again when it is not known whether they are: a view that is on the queue twice is recorded once.
 *
 * As the text that was queued: views as objects would be moved one by one when garbage is collected, which took 5 of the 65 µs
 * that a view takes.
 *
 * @param now milliseconds of a clock that only goes forward.
 */
export function createRecentlyQueued({ now }: { now: () => number }): RecentlyQueued {
  let kept: Kept[] = [];
  let views = 0;

  function dropFirst(count: number): void {
    for (const each of kept.splice(0, count)) views -= each.views;
  }

  function dropBeyond(): void {
    while (views > VIEWS_MAX) dropFirst(1);
  }

  return {
    add(batch, count) {
      kept.push({ at: now(), views: count, batch });
      views += count;
      dropBeyond();
    },
    settled(agoMs) {
      const at = now() - agoMs;
      const first = kept.findIndex((each) => each.at > at);
      dropFirst(first === -1 ? kept.length : first);
    },
    takeAll() {
      const taken = kept;
      kept = [];
      views = 0;
      return taken;
    },
    giveBack(taken) {
      kept = [...taken, ...kept];
      views += taken.reduce((sum, each) => sum + each.views, 0);
      dropBeyond();
    },
  };
}
