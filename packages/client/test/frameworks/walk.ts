import type { Browser, BrowserContext, Page } from "playwright-core";
import { USER_AGENT } from "../browser-fixtures.ts";
import { type Agency, TEST_ADDRESS, type TwoModels, type Website } from "./agency.ts";
import { startCounting } from "./counting.ts";
import { type Cells, SECTION, type Step, type Way } from "./expected.ts";
import type { Framework } from "./sites.ts";
import { until } from "./until.ts";

/** A person's browser. */
type Visitor = { context: BrowserContext; page: Page };

/** Where a walk is, and who goes there. */
type Walk = {
  website: Website;
  section: string;
  models: TwoModels;
  /** The person of this name, with headers that their browser sends; always the same one. */
  visitor: (name: string, headers?: Record<string, string>) => Promise<Visitor>;
};

/** What a walk came to. */
export type Walked = {
  seen: Cells;
  /** Errors of pages, and everything on their consoles. */
  errors: string[];
  /** The cookies of the first visitor, and of those who ask for privacy. */
  cookies: KeptCookie[];
  privateCookies: KeptCookie[];
};

export type KeptCookie = Record<"name" | "domain" | "path" | "sameSite", string> & {
  httpOnly: boolean;
  secure: boolean;
  days: number;
};

/** Goes through every step of a way, and says what each has added to the statistics. */
export async function walk(
  browser: Browser,
  { system, websites }: Agency,
  { framework, way, expected }: { framework: Framework; way: Way; expected: Cells },
): Promise<Walked> {
  const website = websites[framework];
  const section = SECTION[way];
  const models = website.models[section];
  const errors: string[] = [];
  const visitors = new Map<string, Visitor>();
  const home = newAddress();
  const visitor: Walk["visitor"] = async (name, headers = {}) => {
    const known =
      visitors.get(name) ?? (await newVisitor(browser, way, { [TEST_ADDRESS]: home, ...headers }, errors));
    visitors.set(name, known);
    return known;
  };
  const count = await startCounting(system, models);
  const seen = {} as Cells;
  for (const step of Object.keys(expected) as Step[]) {
    const cell = expected[step];
    if (typeof cell !== "string") await STEPS[step]({ website, section, models, visitor });
    seen[step] = typeof cell === "string" ? cell : await count(cell);
  }
  const [cookies, privateCookies] = await Promise.all([SOMEBODY, PRIVATE].map(async (name) => cookiesOf(await visitor(name))));
  await Promise.all([...visitors.values()].map(({ context }) => context.close()));
  return { seen, errors, cookies: cookies ?? [], privateCookies: privateCookies ?? [] };
}

let networks = 0;

/** An address in a network in which nobody else is. */
function newAddress(): string {
  networks += 1;
  return `198.18.${networks}.7`;
}

const SOMEBODY = "somebody";
const NEWCOMER = "somebody else";
const PRIVATE = "somebody who asks for privacy";

const STEPS: Record<Step, (walk: Walk) => Promise<unknown>> = {
  async "first visit of Anna"(walk) {
    await openAnna(await walk.visitor(SOMEBODY), walk);
  },
  async reload({ visitor }) {
    const { page } = await visitor(SOMEBODY);
    await page.reload();
  },
  async "by the list to Bella"({ visitor }) {
    const { page } = await visitor(SOMEBODY);
    await follow(page, "Models");
    await follow(page, "Bella");
  },
  async "from Bella to Anna"({ visitor }) {
    const { page } = await visitor(SOMEBODY);
    await follow(page, "Anna");
  },
  async back({ visitor }) {
    const { page } = await visitor(SOMEBODY);
    await page.goBack();
    await shows(page, "Bella");
  },
  async "hidden and shown again"({ visitor }) {
    const { page } = await visitor(SOMEBODY);
    for (const state of ["hidden", "visible"]) await page.evaluate(turn, state);
  },
  async "another person hovers the link to Anna"({ visitor, website, section, models }) {
    const { page } = await visitor(NEWCOMER);
    const isAnnas = ({ url = "" }: { url?: string | undefined }) => url.includes(models.anna);
    await page.goto(`${website.origin}/${section}`, { waitUntil: "load" });
    const before = website.proxy.requests.filter(isAnnas).length;
    await page.getByRole("link", { name: "Anna" }).hover();
    if (!website.fetchesAhead) return;
    await until(() => website.proxy.requests.filter(isAnnas).length > before, "Anna to be fetched ahead");
  },
  async "and follows it"({ visitor, website, section }) {
    const { page } = await visitor(NEWCOMER);
    if (page.url() === "about:blank") await page.goto(`${website.origin}/${section}`);
    await follow(page, "Anna");
  },
  async "HEAD requests"({ website, section, models }) {
    const page = `${website.proxy.url}/${section}/models/${models.anna}`;
    await fetch(page, { method: "HEAD", headers: { "User-Agent": USER_AGENT } });
  },
  async "Sec-GPC"(walk) {
    await openAnna(await walk.visitor(PRIVATE, { "Sec-GPC": "1" }), walk);
  },
  async "Sec-GPC, a second time"(walk) {
    await openAnna(await walk.visitor(PRIVATE), walk);
  },
  async "Sec-GPC, somebody in another network"(walk) {
    const headers = { "Sec-GPC": "1", [TEST_ADDRESS]: newAddress() };
    await openAnna(await walk.visitor("somebody in another network", headers), walk);
  },
};

function openAnna({ page }: Visitor, { website, section, models }: Walk): Promise<unknown> {
  return page.goto(`${website.origin}/${section}/models/${models.anna}`);
}

async function newVisitor(
  browser: Browser,
  way: Way,
  extraHTTPHeaders: Record<string, string>,
  errors: string[],
): Promise<Visitor> {
  const javaScriptEnabled = way !== "pixel";
  const context = await browser.newContext({ userAgent: USER_AGENT, javaScriptEnabled, extraHTTPHeaders });
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => errors.push(message.text()));
  return { context, page };
}

/** Follows a link, and waits for the page that it leads to. */
async function follow(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).click();
  await shows(page, name);
}

async function shows(page: Page, title: string): Promise<void> {
  await page.locator("h1", { hasText: title }).waitFor();
}

/** Hides or shows the page, as changing to another tab does. */
function turn(visibilityState: string): void {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

async function cookiesOf({ context }: Visitor): Promise<KeptCookie[]> {
  const cookies = await context.cookies();
  return cookies.map(({ name, domain, path, sameSite, httpOnly, secure, expires }) => {
    const days = Math.round((expires - Date.now() / 1_000) / 86_400);
    return { name, domain, path, sameSite, httpOnly, secure, days };
  });
}
