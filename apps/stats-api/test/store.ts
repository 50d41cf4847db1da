import type { CacheStore } from "../src/cache/answer-cache.ts";

/** A store in memory whose entries do not expire. A test can make it fail, refuse writes, or hang. */
export function aStore() {
  const store: CacheStore & {
    entries: Map<string, { text: string; ttlMs: number }>;
    asked: number;
    failing: Error | undefined;
    refusing: Error | undefined;
    hanging: Promise<null> | undefined;
  } = {
    entries: new Map(),
    asked: 0,
    failing: undefined,
    refusing: undefined,
    hanging: undefined,
    async get(key) {
      store.asked += 1;
      if (store.hanging !== undefined) return store.hanging;
      if (store.failing !== undefined) throw store.failing;
      return store.entries.get(key)?.text ?? null;
    },
    async set(key, text, ttlMs) {
      store.asked += 1;
      const error = store.failing ?? store.refusing;
      if (error !== undefined) throw error;
      store.entries.set(key, { text, ttlMs });
    },
  };
  return store;
}
