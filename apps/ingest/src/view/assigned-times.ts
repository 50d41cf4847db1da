import { LRUCache } from "lru-cache";

/** Views that are remembered, the last ones: some 2 MB. */
const VIEWS_MAX = 10_000;

/** Times that ingest's clock has given to views whose own was missing or implausible. */
export type AssignedTimes = {
  /** The time that this view was given when it came before, else `now` from now on. */
  of(view: { modelId: string; id: string }, now: Date): Date;
};

/**
 * The time is part of a view's identity, so a view that is sent again has to get the same one. What its sender says is of no
 * use here, so this process remembers: a view that comes again to another ingest counts once more.
 */
export function createAssignedTimes({ viewsMax = VIEWS_MAX }: { viewsMax?: number } = {}): AssignedTimes {
  const given = new LRUCache<string, Date>({ max: viewsMax });
  return {
    of({ modelId, id }, now) {
      const key = modelId + id;
      const before = given.get(key);
      if (before !== undefined) return before;
      given.set(key, now);
      return now;
    },
  };
}
