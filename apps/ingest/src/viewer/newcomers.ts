import { hash, randomUUID } from "node:crypto";
import { USER_AGENT_CHARS_MAX } from "@model-views/shared/contracts/views.ts";
import { LRUCache } from "lru-cache";

/** Ids in memory, the most recently seen: about 20 MB. */
const IDS_MAX = 100_000;
/** Milliseconds in which requests without a cookie may come from one page, sent before the first answer arrived. */
const IN_FLIGHT_MS = 30_000;
const LANGUAGE_CHARS_MAX = 256;

/** What distinguishes browsers without a cookie. */
export type Newcomer = {
  address: string | undefined;
  userAgent: string | undefined;
  /** `Accept-Language`. */
  language: string | undefined;
  /** Today's salt. */
  dailySalt: string;
  now: Date;
};

export type Newcomers = {
  /** The id under which a view without a cookie counts, and the id to set as the cookie. */
  meet(newcomer: Newcomer): { viewerId: string; cookieId: string };
  /** A browser sent this id as its cookie. Another process may have set it, or this one before a restart. */
  cameBack(viewerId: string, browser: Newcomer): void;
};

type Given = {
  at: number;
  hasComeBack: boolean;
  /** Of a browser's first id: how many of its ids came back as cookies. */
  turn: number;
};

/**
 * Ids for viewers whose browsers have no cookie (yet), derived from the browser's headers and the day's salt. All views
 * before the first cookie is stored have the same viewer, in every replica, and so do all views in a day of a browser
 * that refuses cookies.
 *
 * Several people may look the same here. What is known about an id separates them as far as possible:
 *
 * - An id that came back as a cookie belongs to that browser. The next browser without a cookie gets the next id.
 * - An id that has not come back for 30 s belongs to a browser that refuses cookies, or that has left. The next browser
 *   counts as the same viewer again, but gets a random cookie, so that two people rarely share one for a year.
 *
 * docs/adr/0013 has the reasons and the cost.
 */
export function createNewcomers({ salt, idsMax = IDS_MAX }: { salt: string; idsMax?: number }): Newcomers {
  const ids = new LRUCache<string, Given>({ max: idsMax });
  return {
    meet(newcomer) {
      const now = newcomer.now.getTime();
      const { viewerId, given } = currentOf(newcomer);
      if (given === undefined) {
        ids.set(viewerId, { at: now, hasComeBack: false, turn: 0 });
        return { viewerId, cookieId: viewerId };
      }
      return { viewerId, cookieId: now - given.at < IN_FLIGHT_MS ? viewerId : randomUUID() };
    },

    cameBack(viewerId, browser) {
      const given = ids.get(viewerId);
      if (given !== undefined) given.hasComeBack = true;
      else if (isDerived(viewerId) && viewerId === derivedId(seedOf(browser, salt), 0)) {
        ids.set(viewerId, { at: browser.now.getTime(), hasComeBack: true, turn: 0 });
      }
    },
  };

  /** The first of a browser's ids that has not come back, and what is known about it. */
  function currentOf(newcomer: Newcomer): { viewerId: string; given: Given | undefined } {
    const seed = seedOf(newcomer, salt);
    const firstId = derivedId(seed, 0);
    const first = ids.get(firstId);
    if (first === undefined || !first.hasComeBack) return { viewerId: firstId, given: first };
    first.turn = Math.max(first.turn, 1);
    for (;;) {
      const viewerId = derivedId(seed, first.turn);
      const given = ids.get(viewerId);
      if (given === undefined || !given.hasComeBack) return { viewerId, given };
      first.turn += 1;
    }
  }
}

/** Headers contain no line breaks, so the parts cannot run into each other. */
function seedOf({ address = "", userAgent = "", language = "", dailySalt }: Newcomer, salt: string): string {
  const browser = userAgent.slice(0, USER_AGENT_CHARS_MAX);
  return `${dailySalt}\n${salt}\nnewcomer\n${address}\n${browser}\n${language.slice(0, LANGUAGE_CHARS_MAX)}`;
}

/** Checks the version that {@link derivedId} writes; random ids have 4. */
function isDerived(viewerId: string): boolean {
  return viewerId[14] === "8";
}

/** A UUIDv8 (RFC 9562, section 5.8) from a SHA-256. */
function derivedId(seed: string, turn: number): string {
  const hex = hash("sha256", `${seed}\n${turn}`, "hex");
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) & 3];
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  // Joined, because a template string would keep its parts in memory: 500 bytes per id instead of 200.
  return groups.join("-");
}
