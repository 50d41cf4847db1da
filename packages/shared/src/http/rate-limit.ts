import { isIP } from "node:net";
import { LRUCache } from "lru-cache";

const WINDOW_MS = 60_000;
/** Addresses and networks counted at the same time, the ones seen last: about 20 MB. */
const COUNTED_MAX = 100_000;
/** Groups of an IPv6 address that stay whole. With half of the fourth they are a /56, the usual share of one subscriber. */
const IPV6_GROUPS_KEPT = 3;
const IPV6_GROUPS = 8;

/**
 * Counts a request of an address. Returns undefined while the address is within the limit, else the seconds until it is
 * within the limit again.
 */
export type RateLimit = {
  count(address: string | undefined): number | undefined;
  perMinute: number;
};

/**
 * A limit per address and minute, counted in this process alone. Replicas multiply it, and no request waits for another
 * machine. All texts that are not addresses count as one, so that no such text is stored. Beyond `countedMax`, the
 * addresses that sent nothing for longest are dropped, and then start anew.
 *
 * @param perMinute requests; 0 means no limit.
 * @param onForgotten called for each address that is dropped before its minute is over.
 * @param now milliseconds of a monotonic clock.
 */
export function createRateLimit(
  perMinute: number,
  {
    countedMax = COUNTED_MAX,
    onForgotten = () => {},
    now = () => performance.now(),
  }: { countedMax?: number; onForgotten?: () => void; now?: () => number } = {},
): RateLimit {
  const minutes = new LRUCache<string, { requests: number; endsAt: number }>({
    max: countedMax,
    dispose(minute, _key, reason) {
      if (reason === "evict" && minute.endsAt > now()) onForgotten();
    },
  });

  return {
    perMinute,
    count(address) {
      if (perMinute === 0) return undefined;
      const at = now();
      const key = networkOf(address);
      let minute = minutes.get(key);
      if (minute === undefined || minute.endsAt <= at) {
        minute = { requests: 0, endsAt: at + WINDOW_MS };
        minutes.set(key, minute);
      }
      minute.requests += 1;
      if (minute.requests <= perMinute) return undefined;
      return Math.max(Math.ceil((minute.endsAt - at) / 1_000), 1);
    },
  };
}

/** An IPv4 address, or the /56 of an IPv6 address, which usually is one subscriber's; `unknown` for any other text. */
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
