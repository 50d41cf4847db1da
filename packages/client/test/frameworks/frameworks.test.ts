import { beforeAll, describe, expect } from "vitest";
import { browserTest } from "../browser-fixtures.ts";
import { type Agency, openAgency } from "./agency.ts";
import { cookieHost, expectedOf, MATRIX, SECTION, type Way } from "./expected.ts";
import type { Framework } from "./sites.ts";
import { timeProfile, visitTwo } from "./waiting.ts";
import { walk } from "./walk.ts";

/** Milliseconds to install and build every site, on a busy machine. */
const BUILD_MS_MAX = 15 * 60_000;
/** A page waits a second at most for our services; but a busy machine may be slower. */
const PATIENT = { timeoutMs: 20_000 };
/** The longest that a page waits for our services, in milliseconds, even when they are down. */
const WAIT_MS_MAX = 1_100;

let agency: Agency;

beforeAll(async () => {
  agency = await openAgency(PATIENT);
  return () => agency.close();
}, BUILD_MS_MAX);

const WAYS = (Object.keys(MATRIX) as Framework[]).map(
  (framework) => [framework, Object.keys(MATRIX[framework]) as Way[]] as const,
);

/** Ways that share pages, and so models, go one after the other. */
const WALKS = WAYS.flatMap(([framework, ways]) =>
  [...new Set(ways.map((way) => SECTION[way]))].map(
    (section) => [framework, ways.filter((way) => SECTION[way] === section)] as const,
  ),
);

describe.concurrent("each view counts once, and each person is one viewer", { timeout: 300_000 }, () => {
  browserTest.for(WALKS)("%s: %s", async ([framework, ways], { browser, expect }) => {
    for (const way of ways) {
      const expected = expectedOf(framework, way);
      expect.soft(await walk(browser, agency, { framework, way, expected }), way).toEqual({
        seen: expected,
        errors: [],
        cookies: [
          {
            name: "viewer_id",
            domain: cookieHost(way),
            path: "/",
            sameSite: "Lax",
            httpOnly: true,
            secure: true,
            days: 365,
          },
        ],
        privateCookies: [],
      });
    }
  });
});

describe.for([
  ["hang", "hang"],
  ["are down", "down"],
] as const)("while the services %s", { timeout: 300_000 }, ([, state]) => {
  beforeAll(async () => {
    await agency.restart({});
    await agency.services[state]();
    return agency.services.up;
  }, 60_000);

  browserTest.for(WALKS)("%s: no page fails or waits long: %s", async ([framework, ways], { browser }) => {
    const website = agency.websites[framework];
    for (const way of ways) {
      expect(await timeProfile(website, SECTION[way], WAIT_MS_MAX)).toBeLessThan(WAIT_MS_MAX);
      expect(await visitTwo(browser, website, way)).toEqual([]);
    }
  });
});
