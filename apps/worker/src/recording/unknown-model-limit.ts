import type { UnknownModelCapacity } from "@model-views/db/recording/record-views.ts";

/** The part of the room at the last count that may be used before it is counted again: other workers use it as well. */
const USED_PART = 0.5;
/** The part of all that views of bots and suspects may take. */
const BOTS_PART = 0.5;
/** Milliseconds after which the count is old, and after which it is old when much of the room was used. */
const RECOUNT_MS = 60_000;
const RECOUNT_USED_MS = 1_000;
/** Milliseconds for which it is said that some were left out. */
const LATELY_MS = 600_000;

/** How many views of models that do not exist may still be kept in `rejected_views`. */
export type UnknownModelLimit = {
  /** What one INSERT may add. */
  current(): UnknownModelCapacity;
  /** Told how many of them an INSERT kept, and how many it left out. */
  used(kept: number, leftOut: number): void;
  /** Whether any was left out in the last ten minutes. */
  leftOutLately(): boolean;
};

/**
 * Keeps `rejected_views` bounded without counting its rows in each INSERT: counts them once a minute, or a second after half of
 * the room was used, and adds what this process has kept since. So a single worker keeps `viewsMax`, and what one more
 * INSERT at the same time holds; several may keep more between two counts, until `trim-unknown` comes, which is within a minute.
 *
 * @param now milliseconds of a clock that only goes forward.
 * @param count rejects while PostgreSQL is away; then the last count holds.
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
  let kept = 0;
  let hasLeftOut = false;
  // Until the first count nothing is known, and there is room.
  let isCounted = false;
  let isCounting = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let leftOutAt = Number.NEGATIVE_INFINITY;

  function recountWhenDue(): void {
    const isUsed = !isCounted || hasLeftOut || kept > (viewsMax - counted) * USED_PART;
    if (isCounting || now() - askedAt < (isUsed ? RECOUNT_USED_MS : RECOUNT_MS)) return;
    const keptBefore = kept;
    isCounting = true;
    askedAt = now();
    void count()
      .then(
        (rows) => {
          counted = rows;
          // What was kept while it was counted may not be in it.
          kept -= keptBefore;
          hasLeftOut = false;
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
      const there = counted + kept;
      return {
        views: Math.max(0, viewsMax - there),
        bots: Math.max(0, Math.floor(viewsMax * BOTS_PART) - there),
      };
    },
    used(more, leftOut) {
      if (more + leftOut === 0) return;
      kept += more;
      if (leftOut > 0) {
        hasLeftOut = true;
        leftOutAt = now();
      }
      recountWhenDue();
    },
    leftOutLately: () => now() - leftOutAt < LATELY_MS,
  };
}
