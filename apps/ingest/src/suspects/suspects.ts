import { networkOf } from "@model-views/shared/http/rate-limit.ts";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";
import { createAddressHours } from "./address-hours.ts";

/** An hour. */
const WINDOW_MS = 3_600_000;
/** Pairs of an address and a model, and tokens, that are counted at the same time, those seen last: some 20 MB. */
const COUNTED_MAX = 100_000;
/** Networks of one's own: who comes from there is a proxy, or in the office, and no stranger. */
const OWN_RANGES = new Set(["loopback", "private", "linkLocal", "uniqueLocal", "carrierGradeNat"]);

/** What one hour may bring before the rest of it is suspect, counted by each process on its own; 0 is no limit. */
export type SuspectLimits = {
  /** Different viewers of one address (IPv6: of one /56). */
  viewersPerAddress: number;
  /** Views of one model by one address. */
  viewsPerAddressAndModel: number;
  /** Views with one page token, those that another limit has marked not counted. */
  viewsPerToken: number;
};

/** Which limit was passed. */
export type SuspectReason = "viewers-of-address" | "views-of-address-and-model" | "views-of-token";

/** A browser's view, as far as it is judged. */
export type JudgedView = {
  /** The browser's; undefined when it is not known. */
  address: string | undefined;
  viewerIdentifier: string;
  modelId: string;
  /** A valid one; undefined where none is asked for. */
  token: string | undefined;
};

/** Counts a browser's view, and says whether too many of its kind came before it. */
export type IsSuspect = (view: JudgedView) => boolean;

/**
 * Made-up viewers cost a stranger nothing but requests: each without a cookie, or with a cookie of its own making, is a
 * viewer. So of one address only so many different viewers an hour are believed, and of one page token so many views. What
 * comes beyond is `suspect`: kept, and left out of figures. Those who were there before the limit was reached stay believed.
 *
 * The limit is of an hour that begins with the address' first view, and is forgotten with the process.
 *
 * @param now milliseconds of a clock that only goes forward: one that is set back would make an hour long.
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

  /** The token comes last, and counts only what is believed else: one address alone cannot use it up for the others. */
  function reasonAgainst(view: JudgedView): SuspectReason | undefined {
    const at = now();
    const ofAddress = reasonAgainstAddress(view, at);
    if (ofAddress !== undefined || view.token === undefined) return ofAddress;
    return isOver(view.token, viewsPerToken, at) ? "views-of-token" : undefined;
  }

  function reasonAgainstAddress(
    { address, viewerIdentifier, modelId }: JudgedView,
    at: number,
  ): SuspectReason | undefined {
    if (address === undefined) return undefined;
    const key = networkOf(address);
    const looked = hours.look(key, viewerIdentifier, at, () => isJudged(address));
    if (looked === "not judged") return undefined;
    if (looked === "new") return "viewers-of-address";
    return isOver(`${key} ${modelId}`, viewsPerAddressAndModel, at)
      ? "views-of-address-and-model"
      : undefined;
  }

  function isOver(key: string, max: number, at: number): boolean {
    if (max === 0) return false;
    const known = counts.get(key);
    if (known === undefined || at - known.since >= WINDOW_MS) {
      counts.set(key, { since: at, views: 1 });
      return false;
    }
    known.views += 1;
    return known.views > max;
  }
}

function isJudged(address: string): boolean {
  return ipaddr.isValid(address) && !OWN_RANGES.has(ipaddr.process(address).range());
}
