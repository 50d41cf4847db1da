import { LRUCache } from "lru-cache";

/** Weight of an address in memory, where a viewer weighs 1. */
const ADDRESS_WEIGHT = 10;
/** Viewers of all addresses together in memory: about 20 MB. Addresses not seen for longest are dropped first. */
const WEIGHT_MAX = 500_000;

type Hour = { since: number; viewers: Set<number>; hasLimits: boolean };

export type AddressHours = {
  /**
   * Whether the viewer is among the first `viewersMax` of this address in its hour: `known` if so, `new` if there were as
   * many others before. `unlimited` if the address has no limits.
   *
   * @param address an address, or the network that stands for it.
   * @param at milliseconds of a monotonic clock.
   * @param hasLimits called once per hour of an address.
   */
  check(
    address: string,
    viewerIdentifier: string,
    at: number,
    hasLimits: () => boolean,
  ): "known" | "new" | "unlimited";
};

/** Remembers the first viewers of each address, for an hour from its first view on. */
export function createAddressHours({
  windowMs,
  viewersMax,
  weightMax = WEIGHT_MAX,
}: {
  windowMs: number;
  /** 0: no limit, and no viewer is remembered. */
  viewersMax: number;
  weightMax?: number;
}): AddressHours {
  const hours = new LRUCache<string, Hour>({
    max: Math.ceil(weightMax / ADDRESS_WEIGHT),
    maxSize: weightMax,
    sizeCalculation: ({ viewers }) => ADDRESS_WEIGHT + viewers.size,
  });

  function currentHour(address: string, at: number, hasLimits: () => boolean): Hour {
    const hour = hours.get(address);
    if (hour !== undefined && at - hour.since < windowMs) return hour;
    const begun: Hour = { since: at, viewers: new Set(), hasLimits: hasLimits() };
    hours.set(address, begun);
    return begun;
  }

  return {
    check(address, viewerIdentifier, at, hasLimits) {
      const hour = currentHour(address, at, hasLimits);
      if (!hour.hasLimits) return "unlimited";
      const viewer = shortOf(viewerIdentifier);
      if (viewersMax === 0 || hour.viewers.has(viewer)) return "known";
      if (hour.viewers.size >= viewersMax) return "new";
      hour.viewers.add(viewer);
      // As a new object, because the cache weighs each value once.
      hours.set(address, { ...hour });
      return "known";
    },
  };
}

/** 28 bits of a hash in hex: a small integer takes no extra memory. Two of a thousand viewers collide once in 500 times. */
function shortOf(viewerIdentifier: string): number {
  return Number.parseInt(viewerIdentifier.slice(0, 7), 16);
}
