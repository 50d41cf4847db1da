import type { Browser } from "playwright-core";
import type { Agency, Website } from "./agency.ts";
import { SECTION, type Way } from "./expected.ts";
import type { Framework } from "./sites.ts";
import { follow, inviteVisitors, shows } from "./visitors.ts";

/** Tries of a visit: a busy machine may be slow by itself, but not each time. */
const TRIES_MAX = 4;

/** Milliseconds of a visit to two profiles. */
type Waits = {
  /** Until the first stands there, and its scripts have run. */
  opening: number;
  /** From its link to the list, and from there to the second. */
  goingOn: number;
};

/**
 * Visits pages while the services are up, then while they hang, then while they are down.
 *
 * @returns the pages that waited longer for broken services than for sound ones, by more than `msMax`. Throws when one
 *   fails.
 */
export async function findLongWaits(
  browser: Browser,
  { services, websites }: Agency,
  ways: readonly (readonly [Framework, readonly Way[]])[],
  msMax: number,
): Promise<Record<string, Waits>> {
  const usual = new Map<string, Waits>();
  const long: Record<string, Waits> = {};
  await eachWay(async (framework, way) => {
    usual.set(`${framework} ${way}`, await timeVisit(browser, websites[framework], way));
  });
  for (const state of ["hang", "down"] as const) {
    await services[state]();
    await eachWay(async (framework, way) => {
      const { opening, goingOn } = usual.get(`${framework} ${way}`) as Waits;
      const isLong = (waits: Waits) => waits.opening - opening > msMax || waits.goingOn - goingOn > msMax;
      let waits = await timeVisit(browser, websites[framework], way);
      for (let tries = 1; isLong(waits) && tries < TRIES_MAX; tries += 1) {
        waits = shorter(waits, await timeVisit(browser, websites[framework], way));
      }
      if (isLong(waits)) long[`${framework}, ${way}, services ${state}`] = waits;
    });
  }
  await services.up();
  return long;

  async function eachWay(work: (framework: Framework, way: Way) => Promise<void>): Promise<void> {
    await Promise.all(
      ways.map(async ([framework, waysOfIt]) => {
        for (const way of waysOfIt) await work(framework, way);
      }),
    );
  }
}

/** With an empty cache. */
async function timeVisit(browser: Browser, { origin, models }: Website, way: Way): Promise<Waits> {
  const section = SECTION[way];
  const visitors = inviteVisitors(browser, way);
  try {
    const visitor = await visitors.get("a visitor");
    const begun = performance.now();
    await visitor.page.goto(`${origin}/${section}/models/${models[section].anna}`, {
      waitUntil: "domcontentloaded",
    });
    await shows(visitor, "Anna");
    const opened = performance.now();
    await follow(visitor, "Models");
    await follow(visitor, "Bella");
    return { opening: opened - begun, goingOn: performance.now() - opened };
  } finally {
    await visitors.close();
  }
}

function shorter(one: Waits, other: Waits): Waits {
  return {
    opening: Math.min(one.opening, other.opening),
    goingOn: Math.min(one.goingOn, other.goingOn),
  };
}
