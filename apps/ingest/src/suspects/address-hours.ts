/** What an address costs beside its viewers, in the memory of a viewer. */
const ADDRESS_WEIGHT = 10;
/** Viewers of all addresses together that are remembered: some 20 MB. The addresses whose hour began first go first. */
const WEIGHT_MAX = 500_000;

type Hour = { since: number; viewers: Set<number>; isJudged: boolean };

export type AddressHours = {
  /**
   * Whether the viewer is among the first `viewersMax` of this address in its hour: `known`, or `new` when there were as many
   * others. `not judged` where the address has no limits.
   *
   * @param address an address, or the network that stands for it.
   * @param at milliseconds of a clock that only goes forward.
   * @param isJudged asked once an hour.
   */
  look(
    address: string,
    viewerIdentifier: string,
    at: number,
    isJudged: () => boolean,
  ): "known" | "new" | "not judged";
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
  // A Map keeps the order of insertion: the first key is the address whose hour began first.
  const hours = new Map<string, Hour>();
  let weight = 0;

  function forget(address: string, { viewers }: Hour): void {
    hours.delete(address);
    weight -= ADDRESS_WEIGHT + viewers.size;
  }

  function begin(address: string, since: number, isJudged: boolean): Hour {
    const hour: Hour = { since, viewers: new Set(), isJudged };
    hours.set(address, hour);
    weight += ADDRESS_WEIGHT;
    for (const [oldest, theirs] of hours) {
      if (weight <= weightMax) break;
      if (theirs !== hour) forget(oldest, theirs);
    }
    return hour;
  }

  return {
    look(address, viewerIdentifier, at, isJudged) {
      let hour = hours.get(address);
      if (hour !== undefined && at - hour.since >= windowMs) {
        forget(address, hour);
        hour = undefined;
      }
      hour ??= begin(address, at, isJudged());
      if (!hour.isJudged) return "not judged";
      const viewer = shortOf(viewerIdentifier);
      if (viewersMax === 0 || hour.viewers.has(viewer)) return "known";
      if (hour.viewers.size >= viewersMax) return "new";
      hour.viewers.add(viewer);
      weight += 1;
      return "known";
    },
  };
}

/** 28 bits of a hash in hex: a small integer needs no memory of its own. Two of a thousand viewers are alike once in 500 times. */
function shortOf(viewerIdentifier: string): number {
  return Number.parseInt(viewerIdentifier.slice(0, 7), 16);
}
