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

/** Pages that wait longer for broken services than for sound ones, by more than that. Throws when one fails. */
export async function findLongWaits(
  browser: Browser,
  { services, websites }: Agency,
  { ways, breaking, msMax }: FindLongWaits,
): Promise<Record<string, Waits>> {
  const long: Record<string, Waits> = {};
  const visits = ways.flatMap(([framework, ways]) =>
    ways.map((way) => ({
      name: `${framework}, ${way}`,
      visit: () => timeVisit(browser, websites[framework], way),
    })),
  );
  const usual = new Map<string, Waits>();
  for (const { name, visit } of visits) usual.set(name, shorter(await visit(), await visit()));
  await services[breaking]();
  for (const { name, visit } of visits) {
    const { opening, goingOn } = usual.get(name) as Waits;
    const isLong = (waits: Waits) => waits.opening - opening > msMax || waits.goingOn - goingOn > msMax;
    let waits = await visit();
    for (let tries = 1; isLong(waits) && tries < TRIES_MAX; tries += 1) waits = shorter(waits, await visit());
    if (isLong(waits)) long[name] = waits;
  }
  await services.up();
  return long;
}

type FindLongWaits = {
  ways: readonly (readonly [Framework, readonly Way[]])[];
  breaking: "hang" | "down";
  msMax: number;
};

/** With an empty cache. */
async function timeVisit(browser: Browser, { origin, models }: Website, way: Way): Promise<Waits> {
  const section = SECTION[way];
  const visitors = inviteVisitors(browser, way);
  try {
    const { page } = await visitors.get("a visitor");
    const begun = performance.now();
    await page.goto(`${origin}/${section}/models/${models[section].anna}`, { waitUntil: "domcontentloaded" });
    await shows(page, "Anna");
    const opened = performance.now();
    await follow(page, "Models");
    await follow(page, "Bella");
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
