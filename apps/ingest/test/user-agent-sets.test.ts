import crawlers from "crawler-user-agents";
import UserAgent, { type UserAgentData } from "user-agents";
import { describe, expect, test } from "vitest";
import { parseUserAgent } from "../src/enrichment/user-agent/parse-user-agent.ts";

/** Of every 1,000, how many may be read wrongly. What is wrong at these versions of the sets is in the comments. */
const WRONG_PER_THOUSAND = {
  /** 0 of 951. */
  peopleAsBots: 1,
  /** 0 of 951. */
  devices: 1,
  /** 0 of 951. */
  browsersWithoutName: 1,
  /** 0 of 951. */
  systemsWithoutName: 1,
  /** 6 of 2,118: two windows of Instagram and Facebook that the set calls bots, two editors of programs, two others. */
  botsAsPeople: 3,
};

/** Different user agents of real visitors, with what their screens and touches said of the device. */
function people(): (UserAgentData & { deviceCategory?: string })[] {
  const found = new Map<string, UserAgentData>();
  // The only way to all of them: a filter is asked about each.
  new UserAgent((data: UserAgentData) => {
    found.set(data.userAgent, data);
    return true;
  });
  return [...found.values()];
}

function expectFewWrong<Item>(items: readonly Item[], wrong: readonly Item[], perThousand: number) {
  expect(items.length).toBeGreaterThan(900);
  expect((wrong.length * 1_000) / items.length, JSON.stringify(wrong, null, 1)).toBeLessThanOrEqual(
    perThousand,
  );
}

describe("the user agents of real visitors (npm: user-agents)", () => {
  const read = people().map(({ userAgent, deviceCategory }) => ({
    userAgent,
    deviceCategory,
    facts: parseUserAgent(userAgent),
  }));

  test("are no bots", () => {
    const wrong = read.filter(({ facts }) => facts.isBot);
    expectFewWrong(read, wrong, WRONG_PER_THOUSAND.peopleAsBots);
  });

  test("are of the device that they came from", () => {
    const wrong = read.filter(({ facts, deviceCategory }) => facts.device !== deviceCategory);
    expectFewWrong(read, wrong, WRONG_PER_THOUSAND.devices);
  });

  test("name a browser", () => {
    const wrong = read.filter(({ facts }) => facts.browser === undefined);
    expectFewWrong(read, wrong, WRONG_PER_THOUSAND.browsersWithoutName);
  });

  test("name a system", () => {
    const wrong = read.filter(({ facts }) => facts.os === undefined);
    expectFewWrong(read, wrong, WRONG_PER_THOUSAND.systemsWithoutName);
  });
});

test("crawlers, monitors, previews, libraries and AI fetchers are bots (npm: crawler-user-agents)", () => {
  const bots = crawlers.flatMap(({ instances }) => instances);
  const wrong = bots.filter((userAgent) => !parseUserAgent(userAgent).isBot);
  expectFewWrong(bots, wrong, WRONG_PER_THOUSAND.botsAsPeople);
});
