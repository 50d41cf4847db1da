import { hash, randomUUID } from "node:crypto";
import { USER_AGENT_CHARS_MAX } from "@model-views/shared/contracts/views.ts";
import { LRUCache } from "lru-cache";

/** Ids that are remembered, those seen last: some 20 MB. */
const IDS_MAX = 100_000;
/** Milliseconds in which requests without a cookie are taken for one page's, sent before the first answer was there. */
const IN_FLIGHT_MS = 30_000;
const LANGUAGE_CHARS_MAX = 256;

/** What tells a browser without a cookie from another. */
export type Newcomer = {
  address: string | undefined;
  userAgent: string | undefined;
  /** `Accept-Language`. */
  language: string | undefined;
  /** The salt of the day. */
  dailySalt: string;
  now: Date;
};

export type Newcomers = {
  /** Under which id a view without a cookie counts, and the id to set as the cookie. */
  meet(newcomer: Newcomer): { viewerId: string; cookieId: string };
  /** A browser has sent this id as its cookie. Also of one that another process has given, or this one before a restart. */
  cameBack(viewerId: string, browser: Newcomer): void;
};

type Given = {
  at: number;
  hasComeBack: boolean;
  /** Of a browser's first id: how many of its ids have come back as cookies. */
  turn: number;
};

/**
 * Ids of viewers in browsers that have no cookie (yet), derived from what the browser says and the day's salt. So all
 * views before the first cookie is kept are of one viewer, in every replica, and so are all views of a day of a
 * browser that refuses cookies.
 *
 * Several people may look the same here. What is remembered of an id tells them apart, as far as that can be:
 *
 * - An id that has come back as a cookie is that browser's. The next one without a cookie gets the next id.
 * - One that has not come back for 30 s is of a browser that refuses cookies, or has left; who comes then counts as
 *   the same viewer once more, and gets a random cookie, so that two people rarely share one for a year.
 *
 * docs/adr/0013 has the reasons, and what this costs.
 */
export function createNewcomers({ salt, idsMax = IDS_MAX }: { salt: string; idsMax?: number }): Newcomers {
  const given = new LRUCache<string, Given>({ max: idsMax });
  return {
    meet(newcomer) {
      const now = newcomer.now.getTime();
      const { viewerId, known } = currentOf(newcomer);
      if (known === undefined) {
        given.set(viewerId, { at: now, hasComeBack: false, turn: 0 });
        return { viewerId, cookieId: viewerId };
      }
      return { viewerId, cookieId: now - known.at < IN_FLIGHT_MS ? viewerId : randomUUID() };
    },

    cameBack(viewerId, browser) {
      const known = given.get(viewerId);
      if (known !== undefined) known.hasComeBack = true;
      else if (isDerived(viewerId) && viewerId === derivedId(seedOf(browser, salt), 0)) {
        given.set(viewerId, { at: browser.now.getTime(), hasComeBack: true, turn: 0 });
      }
    },
  };

  /** The first of a browser's ids that has not come back, and what is remembered of it. */
  function currentOf(newcomer: Newcomer): { viewerId: string; known: Given | undefined } {
    const seed = seedOf(newcomer, salt);
    const firstId = derivedId(seed, 0);
    const first = given.get(firstId);
    if (first === undefined || !first.hasComeBack) return { viewerId: firstId, known: first };
    first.turn = Math.max(first.turn, 1);
    for (;;) {
      const viewerId = derivedId(seed, first.turn);
      const known = given.get(viewerId);
      if (known === undefined || !known.hasComeBack) return { viewerId, known };
      first.turn += 1;
    }
  }
}

/** Headers hold no line breaks, so no part can be taken for another. */
function seedOf({ address = "", userAgent = "", language = "", dailySalt }: Newcomer, salt: string): string {
  const browser = userAgent.slice(0, USER_AGENT_CHARS_MAX);
  return `${dailySalt}\n${salt}\nnewcomer\n${address}\n${browser}\n${language.slice(0, LANGUAGE_CHARS_MAX)}`;
}

/** The version that {@link derivedId} writes; random ids have 4. */
function isDerived(viewerId: string): boolean {
  return viewerId[14] === "8";
}

/** A UUIDv8 (RFC 9562, section 5.8) made of a SHA-256. */
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
  // Joined, because a template would keep its parts in memory: 500 bytes for each id that is remembered, instead of 200.
  return groups.join("-");
}
