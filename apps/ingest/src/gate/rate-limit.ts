import { ipKeyGenerator, MemoryStore } from "express-rate-limit";

const WINDOW_MS = 60_000;
/** Whoever has one IPv6 address usually has this whole network. */
const IPV6_SUBNET_BITS = 56;

/** Counts a request of an address: undefined while it may, else the seconds until it may again. */
export type RateLimit = {
  count(address: string | undefined): Promise<number | undefined>;
  perMinute: number;
};

/**
 * A limit per address and minute, counted in this process alone: replicas multiply it, and no request waits for
 * another machine. The store is that of express-rate-limit, without its middleware, which would need Express; its timer does not keep a process alive.
 *
 * @param perMinute requests; 0 is no limit.
 */
export function createRateLimit(perMinute: number, now: () => Date): RateLimit {
  const store = new MemoryStore();
  store.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore["init"]>[0]);
  return {
    perMinute,
    async count(address) {
      if (perMinute === 0) return undefined;
      const key = address === undefined ? "unknown" : ipKeyGenerator(address, IPV6_SUBNET_BITS);
      const { totalHits, resetTime } = await store.increment(key);
      if (totalHits <= perMinute) return undefined;
      const waitMs = (resetTime?.getTime() ?? 0) - now().getTime();
      return Math.min(Math.max(Math.ceil(waitMs / 1_000), 1), WINDOW_MS / 1_000);
    },
  };
}
