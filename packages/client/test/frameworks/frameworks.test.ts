import { describe } from "vitest";
import { browserTest } from "../browser-fixtures.ts";
import { type Agency, openAgency } from "./agency.ts";
import { cookieHost, expectedOf, MATRIX, SECTION, type Way } from "./expected.ts";
import type { Framework } from "./sites.ts";
import { walk } from "./walk.ts";

/** Milliseconds in which every site is installed and built, on a machine that has more to do. */
const BUILD_MS = 600_000;

const test = browserTest.extend<{ agency: Agency }>({
  agency: [
    // biome-ignore lint/correctness/noEmptyPattern: this is how a fixture says that it needs none
    async ({}, use) => {
      const agency = await openAgency();
      await use(agency);
      await agency.close();
    },
    { scope: "file" },
  ],
});

/** Ways that share pages, and so models, go one after the other. */
const WALKS = (Object.keys(MATRIX) as Framework[]).flatMap((framework) => {
  const ways = Object.keys(MATRIX[framework]) as Way[];
  const sections = [...new Set(ways.map((way) => SECTION[way]))];
  return sections.map(
    (section) => [framework, section, ways.filter((way) => SECTION[way] === section)] as const,
  );
});

describe.concurrent("each view counts once", { timeout: BUILD_MS }, () => {
  test.for(WALKS)("%s, %s", async ([framework, , ways], { browser, agency, expect }) => {
    for (const way of ways) {
      const expected = expectedOf(framework, way);
      const walked = await walk(browser, agency, { framework, way, expected });
      expect.soft(walked, `${framework}, ${way}`).toEqual({
        seen: expected,
        errors: [],
        cookies: [yearly(cookieHost(way))],
        privateCookies: [],
      });
    }
  });
});

function yearly(domain: string) {
  return { name: "viewer_id", domain, path: "/", sameSite: "Lax", httpOnly: true, secure: true, days: 365 };
}
