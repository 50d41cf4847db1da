import Bowser from "bowser";
import { isbot } from "isbot";
import { describe, expect, test } from "vitest";
import { BOTS, isBot, PEOPLE } from "../src/enrichment/user-agent/bots.ts";
import { BROWSERS, browserOf } from "../src/enrichment/user-agent/browsers.ts";
import { DEVICES, deviceOf } from "../src/enrichment/user-agent/devices.ts";
import { SYSTEMS, systemOf } from "../src/enrichment/user-agent/systems.ts";

/** A person's browser that says this too. */
const saying = (words: string) =>
  `Mozilla/5.0 (Linux; ${words}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36`;

describe("each row of our own words is needed, and no row before it takes what is its own", () => {
  test.for(BOTS)("a bot: $of", ({ words, example }) => {
    expect(example).toMatch(words);
    expect(isBot(example, undefined)).toBe(true);
    expect(isbot(example), "isbot knows it by now: drop the row").toBe(false);
  });

  test.for(PEOPLE)("no bot: $of", ({ example }) => {
    expect(isBot(saying(example), undefined)).toBe(false);
    expect(isbot(saying(example)), "isbot knows it by now: drop the row").toBe(true);
  });

  test.for(BROWSERS)("$name, $of", ({ name, example }) => {
    expect(browserOf(example)).toBe(name);
    const bowsers = Bowser.getParser(saying(example)).getBrowserName();
    expect(bowsers, "bowser knows it by now: drop the row").not.toBe(name);
  });

  test.for(SYSTEMS)("$name, $of", ({ name, example }) => {
    expect(systemOf(example)).toBe(name);
  });

  test.for(DEVICES)("$device: $of", ({ device, words, in: where, example }) => {
    expect(example).toMatch(words);
    expect(deviceOf(example, where === "model" ? example : undefined)).toBe(device);
    if (where === "model") expect(deviceOf(saying(example), undefined)).not.toBe(device);
  });
});
