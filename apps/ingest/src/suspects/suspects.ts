import { networkOf } from "@model-views/shared/http/rate-limit.ts";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { createAddressHours } from "./address-hours.ts";

/** An hour. */
const WINDOW_MS = 3_600_000;
/** Pairs of an address and a model, and tokens, in memory, the most recently seen: about 20 MB. */
const COUNTED_MAX = 100_000;
/** Private networks: their requests come from a proxy or an office. */
const OWN_RANGES = new Set(["loopback", "private", "linkLocal", "uniqueLocal", "carrierGradeNat"]);

/** Limits per hour, counted by each process on its own. Views beyond them are suspect. 0 means no limit. */
export type SuspectLimits = {
  /** Different viewers of one address (IPv6: of one /56). */
  viewersPerAddress: number;
  /** Views of one model by one address. */
  viewsPerAddressAndModel: number;
  /** Views with one page token, without those that another limit has marked. */
  viewsPerToken: number;
};

/** The limit that was passed. */
export type SuspectReason = "viewers-of-address" | "views-of-address-and-model" | "views-of-token";

/** The part of a browser's view that is checked. */
export type BrowserView = {
  /** The browser's address; undefined when it is unknown. */
  address: string | undefined;
  viewerIdentifier: string;
  modelId: string;
  /** A valid page token; undefined where none is required. */
  token: string | undefined;
};

/** Counts a browser's view, and returns whether it exceeds a limit. */
export type IsSuspect = (view: BrowserView) => boolean;

/**
 * Made-up viewers cost only requests: each request without a cookie, or with a made-up one, is another viewer. So only a
 * limited number of viewers per hour is believed of one address, and of views with one page token. Views beyond that are
 * `suspect`: stored, and left out of statistics. Viewers who came before the limit was reached are still believed.
 *
 * The hour of an address begins with its first view. The counts are lost when the process ends.
 *
 * @param now milliseconds of a monotonic clock: a clock that is set back would make an hour longer.
 */
export function createSuspects(
  { viewersPerAddress, viewsPerAddressAndModel, viewsPerToken }: SuspectLimits,
  {
    now = () => performance.now(),
    onSuspect,
  }: { now?: () => number; onSuspect: (reason: SuspectReason) => void },
): IsSuspect {
  const hours = createAddressHours({ windowMs: WINDOW_MS, viewersMax: viewersPerAddress });
  const counts = new LRUCache<string, { since: number; views: number }>({ max: COUNTED_MAX });

  return (view) => {
    const reason = reasonAgainst(view);
    if (reason !== undefined) onSuspect(reason);
    return reason !== undefined;
  };

  /** Counts the token last, and only for views within the other limits, so that one address cannot use it up for all. */
  function reasonAgainst(view: BrowserView): SuspectReason | undefined {
    const at = now();
    const ofAddress = reasonAgainstAddress(view, at);
    if (ofAddress !== undefined || view.token === undefined) return ofAddress;
    return isOver(view.token, viewsPerToken, at) ? "views-of-token" : undefined;
  }

  function reasonAgainstAddress(
    { address, viewerIdentifier, modelId }: BrowserView,
    at: number,
  ): SuspectReason | undefined {
    if (address === undefined) return undefined;
    const key = networkOf(address);
    const viewer = hours.check(key, viewerIdentifier, at, () => hasLimits(address));
    if (viewer === "unlimited") return undefined;
    if (viewer === "new") return "viewers-of-address";
    return isOver(`${key} ${modelId}`, viewsPerAddressAndModel, at)
      ? "views-of-address-and-model"
      : undefined;
  }

  function isOver(key: string, max: number, at: number): boolean {
    if (max === 0) return false;
    const count = counts.get(key);
    if (count === undefined || at - count.since >= WINDOW_MS) {
      counts.set(key, { since: at, views: 1 });
      return false;
    }
    count.views += 1;
    return count.views > max;
  }
}

function hasLimits(address: string): boolean {
  return ipaddr.isValid(address) && !OWN_RANGES.has(ipaddr.process(address).range());
}
