/** A map that forgets what was set long ago. */
export type RecentMap<Value> = {
  get: (key: string) => Value | undefined;
  set: (key: string, value: Value) => void;
};

/**
 * Remembers at least the `keysMin` keys that were set last, and never more than twice as many.
 *
 * Two generations: the young one becomes the old one when it is full, and the old one is let go as a whole. (One
 * `Map` that deletes its first key each time gets slow: it has to step over what it deleted before.)
 */
export function createRecentMap<Value>(keysMin: number): RecentMap<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return {
    get: (key) => young.get(key) ?? old.get(key),
    set(key, value) {
      if (young.size >= keysMin && !young.has(key)) {
        old = young;
        young = new Map();
      }
      young.set(key, value);
    },
  };
}
