import type { Browser } from "playwright-core";
import type { Website } from "./agency.ts";
import { SECTION, type Section, type Way } from "./expected.ts";
import { follow, inviteVisitors, shows } from "./visitors.ts";

/** Tries of a request: a busy machine may be slow by itself, but not each time. */
const TRIES_MAX = 8;

/** Milliseconds until a profile has come from the website's server; the shortest of some tries that is below `msMax`. */
export async function timeProfile(
  { proxy, models }: Website,
  section: Section,
  msMax: number,
): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let tries = 0; shortest > msMax && tries < TRIES_MAX; tries += 1) {
    const begun = performance.now();
    const response = await fetch(`${proxy.url}/${section}/models/${models[section].anna}`);
    await response.text();
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
    shortest = Math.min(shortest, performance.now() - begun);
  }
  return shortest;
}

/**
 * Opens a profile and goes on to another.
 *
 * @returns errors of the pages.
 * @throws when a page does not come, or its document is never ready.
 */
export async function visitTwo(browser: Browser, { origin, models }: Website, way: Way): Promise<string[]> {
  const section = SECTION[way];
  const visitors = inviteVisitors(browser, way);
  const errors: string[] = [];
  try {
    const visitor = await visitors.get("a visitor");
    visitor.page.on("pageerror", (error) => errors.push(String(error)));
    const profile = `${origin}/${section}/models/${models[section].anna}`;
    await visitor.page.goto(profile, { waitUntil: "domcontentloaded" });
    await shows(visitor, "Anna");
    await follow(visitor, "Models");
    await follow(visitor, "Bella");
    return errors;
  } finally {
    await visitors.close();
  }
}
