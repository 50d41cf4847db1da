import type { UnknownModelCapacity } from "@model-views/db/recording/record-views.ts";

/** Part of the remaining capacity that may be used before it is counted again, because other workers use it too. */
const USED_PART = 0.5;
/** Part of the capacity that views of bots and suspects may take. */
const BOTS_PART = 0.5;
/** Milliseconds until the count expires, and until it expires when much of the capacity was used. */
const RECOUNT_MS = 60_000;
const RECOUNT_USED_MS = 1_000;
/** Milliseconds for which a dropped view is reported. */
const LATELY_MS = 600_000;

/** How many views of unknown models may still be stored in `rejected_views`. */
export type UnknownModelLimit = {
  /** What one INSERT may add. */
  current(): UnknownModelCapacity;
  /** Records how many of them an INSERT stored, and how many it dropped. */
  used(stored: number, dropped: number): void;
  /** Whether views were dropped in the last ten minutes. */
  droppedLately(): boolean;
};

/**
 * Limits `rejected_views` without counting its rows in each INSERT. The rows are counted once a minute, or a second after
 * half of the capacity was used; what this process has stored since is added. A single worker therefore stores
 * `viewsMax`, and at most the views of one more INSERT. Several workers may store more between two counts, until the
 * task `trim-unknown` runs, within a minute.
 *
 * @param now milliseconds of a monotonic clock.
 * @param count rejects while PostgreSQL is away. Then the last count stays valid.
 */
export function createUnknownModelLimit({
  viewsMax,
  count,
  now,
}: {
  viewsMax: number;
  count: () => Promise<number>;
  now: () => number;
}): UnknownModelLimit {
  let counted = 0;
  let stored = 0;
  let hasDropped = false;
  // Until the first count, the capacity counts as free.
  let isCounted = false;
  let isCounting = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let droppedAt = Number.NEGATIVE_INFINITY;

  function recountWhenDue(): void {
    const isUsed = !isCounted || hasDropped || stored > (viewsMax - counted) * USED_PART;
    if (isCounting || now() - askedAt < (isUsed ? RECOUNT_USED_MS : RECOUNT_MS)) return;
    const storedBefore = stored;
    isCounting = true;
    askedAt = now();
    void count()
      .then(
        (rows) => {
          counted = rows;
          // Rows stored during the count may be missing from it.
          stored -= storedBefore;
          hasDropped = false;
          isCounted = true;
        },
        () => {},
      )
      .finally(() => {
        isCounting = false;
      });
  }

  return {
    current() {
      const used = counted + stored;
      return {
        views: Math.max(0, viewsMax - used),
        bots: Math.max(0, Math.floor(viewsMax * BOTS_PART) - used),
      };
    },
    used(more, dropped) {
      if (more + dropped === 0) return;
      stored += more;
      if (dropped > 0) {
        hasDropped = true;
        droppedAt = now();
      }
      recountWhenDue();
    },
    droppedLately: () => now() - droppedAt < LATELY_MS,
  };
}
