import { USER_AGENT } from "../browser-fixtures.ts";
import type { TwoModels, Website } from "./agency.ts";
import type { Section, Step } from "./expected.ts";
import { type Framework, SITES } from "./sites.ts";
import { until } from "./until.ts";
import { follow, shows, type Visitor, type Visitors } from "./visitors.ts";

/** Where a walk goes, and who goes there. */
export type Walk = {
  framework: Framework;
  website: Website;
  origin: string;
  section: Section;
  models: TwoModels;
  visitors: Visitors;
};

/** Whose walk it is. */
export const PERSON = "a person";
const NEWCOMER = "another person";
export const PRIVATE = "a person who asks for privacy";

/** How often a fetch is looked for until the link is hovered once more. */
const LOOKS_PER_HOVER = 20;

export const STEPS: Record<Step, (walk: Walk) => Promise<void>> = {
  async "first visit of Anna"(walk) {
    await openAnna(await walk.visitors.get(PERSON), walk);
  },
  async reload({ visitors }) {
    const { page } = await visitors.get(PERSON);
    await page.reload();
  },
  async "by the list to Bella"({ visitors }) {
    const visitor = await visitors.get(PERSON);
    await follow(visitor, "Models");
    await follow(visitor, "Bella");
  },
  async "from Bella to Anna"({ visitors }) {
    await follow(await visitors.get(PERSON), "Anna");
  },
  async back({ visitors }) {
    const visitor = await visitors.get(PERSON);
    await visitor.page.goBack();
    await shows(visitor, "Bella");
  },
  async "hidden and shown again"({ visitors }) {
    const { page } = await visitors.get(PERSON);
    for (const state of ["hidden", "visible"]) await page.evaluate(turn, state);
  },
  async "counted in another way"(walk) {
    const section = walk.section === "server" ? "passed-on" : "server";
    await openAnna(await walk.visitors.get(PERSON), { ...walk, section });
  },
  async "HEAD requests"({ origin, section, models, website }) {
    const { pathname } = new URL(`${origin}/${section}/models/${models.anna}`);
    const headers = { "User-Agent": USER_AGENT };
    await fetch(`${website.proxy.url}${pathname}`, { method: "HEAD", headers });
  },
  async "another person hovers the link to Anna"(walk) {
    const { page } = await walk.visitors.get(NEWCOMER);
    await page.goto(`${walk.origin}/${walk.section}`);
    const link = page.getByRole("link", { name: "Anna" });
    if (!SITES[walk.framework].fetchesAhead) return link.hover();
    let looks = 0;
    await until(async () => {
      if (looks % LOOKS_PER_HOVER === 0) {
        // Once more: the first time, the page may not have listened yet.
        await page.mouse.move(0, 0);
        await link.hover();
      }
      looks += 1;
      return walk.website.proxy.requests.some(({ url, headers }) => {
        return url?.includes(walk.models.anna) && headers.referer === page.url();
      });
    }, "Anna to be fetched ahead");
  },
  async "and follows it"({ visitors, origin, section }) {
    const visitor = await visitors.get(NEWCOMER);
    if (visitor.page.url() === "about:blank") await visitor.page.goto(`${origin}/${section}`);
    await follow(visitor, "Anna");
  },
  async "Sec-GPC"(walk) {
    await openAnna(await walk.visitors.get(PRIVATE, { "Sec-GPC": "1" }), walk);
  },
  async "Sec-GPC, a second time"(walk) {
    await openAnna(await walk.visitors.get(PRIVATE), walk);
  },
  async "Sec-GPC, a person in another network"(walk) {
    const visitor = await walk.visitors.get("a person in another network", { "Sec-GPC": "1" });
    await openAnna(visitor, { ...walk, origin: walk.website.originElsewhere });
  },
};

async function openAnna({ page }: Visitor, { origin, section, models }: Walk): Promise<void> {
  await page.goto(`${origin}/${section}/models/${models.anna}`);
}

/** Hides or shows the page, as changing to another tab does. */
function turn(visibilityState: string): void {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
