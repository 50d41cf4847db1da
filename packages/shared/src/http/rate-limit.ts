import { isIP } from "node:net";

const WINDOW_MS = 60_000;
/** Addresses and networks that are counted at the same time: some 20 MB. Beyond it the oldest are forgotten. */
const COUNTED_MAX = 100_000;
/** Groups of an IPv6 address that are kept whole. With half of the fourth: a /56, all of which one subscriber usually has. */
const IPV6_GROUPS_KEPT = 3;
const IPV6_GROUPS = 8;

/** Counts a request of an address: undefined while it may, else the seconds until it may again. */
export type RateLimit = {
  count(address: string | undefined): number | undefined;
  perMinute: number;
};

/**
 * A limit per address and minute, counted in this process alone: replicas multiply it, and no request waits for
 * another machine. Whatever is no address is counted as one, so that no text of a stranger is kept. So many addresses at
 * a time that the memory would not hold them push out the ones that were counted first, which then begin anew.
 *
 * @param perMinute requests; 0 is no limit.
 * @param onForgotten called for each address that is pushed out.
 * @param now milliseconds of a clock that only runs forward.
 */
export function createRateLimit(
  perMinute: number,
  {
    countedMax = COUNTED_MAX,
    onForgotten = () => {},
    now = () => performance.now(),
  }: { countedMax?: number; onForgotten?: () => void; now?: () => number } = {},
): RateLimit {
  /** In the order in which their minutes began. */
  const counted = new Map<string, { requests: number; endsAt: number }>();

  function makeRoom(at: number): void {
    for (const [key, { endsAt }] of counted) {
      if (endsAt > at) {
        if (counted.size < countedMax) return;
        onForgotten();
      }
      counted.delete(key);
    }
  }

  return {
    perMinute,
    count(address) {
      if (perMinute === 0) return undefined;
      const at = now();
      const key = networkOf(address);
      let entry = counted.get(key);
      if (entry === undefined || entry.endsAt <= at) {
        counted.delete(key);
        makeRoom(at);
        entry = { requests: 0, endsAt: at + WINDOW_MS };
        counted.set(key, entry);
      }
      entry.requests += 1;
      if (entry.requests <= perMinute) return undefined;
      return Math.max(Math.ceil((entry.endsAt - at) / 1_000), 1);
    },
  };
}

/** An IPv4 address, or the /56 of an IPv6 one, which one subscriber usually has; `unknown` for what is no address. */
export function networkOf(address: string | undefined): string {
  const version = address === undefined ? 0 : isIP(address);
  if (address === undefined || version === 0) return "unknown";
  if (version === 4) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, IPV6_GROUPS - first.length - last.length)).fill("0");
  const groups = [...first, ...zeros, ...last].map((group) => Number.parseInt(group, 16));
  const half = (groups[IPV6_GROUPS_KEPT] ?? 0) >> 8;
  return [...groups.slice(0, IPV6_GROUPS_KEPT), half].map((group) => group.toString(16)).join(":");
}
