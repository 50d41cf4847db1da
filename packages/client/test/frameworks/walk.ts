import type { Browser } from "playwright-core";
import type { Agency } from "./agency.ts";
import { startCounting } from "./counting.ts";
import { type Cells, SECTION, type Step, type Way } from "./expected.ts";
import type { Framework } from "./sites.ts";
import { PERSON, PRIVATE, STEPS } from "./steps.ts";
import { cookiesOf, inviteVisitors, type KeptCookie } from "./visitors.ts";

/** What a walk came to. */
export type Walked = {
  seen: Cells;
  /** Errors of pages, and what was on their consoles. */
  errors: string[];
  /** The cookies of a first visitor, and those of one who asks for privacy. */
  cookies: KeptCookie[];
  privateCookies: KeptCookie[];
};

/** Goes through every step of a way, and returns what each has added to the statistics. */
export async function walk(
  browser: Browser,
  { system, websites }: Agency,
  { framework, way, expected }: { framework: Framework; way: Way; expected: Cells },
): Promise<Walked> {
  const website = websites[framework];
  const section = SECTION[way];
  const models = website.models[section];
  const visitors = inviteVisitors(browser, way);
  const count = await startCounting(system, models);
  const seen = {} as Cells;
  let cookies: KeptCookie[] | undefined;
  try {
    for (const step of Object.keys(expected) as Step[]) {
      const cell = expected[step];
      if (typeof cell === "string") {
        seen[step] = cell;
        continue;
      }
      await STEPS[step]({ framework, website, origin: website.origin, section, models, visitors });
      seen[step] = await count(cell);
      cookies ??= await cookiesOf(await visitors.get(PERSON));
    }
    const privateCookies = await cookiesOf(await visitors.get(PRIVATE));
    return { seen, errors: visitors.errors, cookies: cookies ?? [], privateCookies };
  } finally {
    await visitors.close();
  }
}
