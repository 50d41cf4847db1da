import { LRUCache } from "lru-cache";

/** Views in memory, the most recent ones: about 2 MB. */
const VIEWS_MAX = 10_000;

/** Times by ingest's clock of views whose own time was missing or implausible. */
export type AssignedTimes = {
  /** The time that this view got when it came before, else `now`. */
  of(view: { modelId: string; id: string }, now: Date): Date;
};

/**
 * The time is part of a view's identity, so a view that is sent again must get the same time. Its sender cannot provide
 * it, so this process remembers it. A view that is sent again to another ingest is counted twice.
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
