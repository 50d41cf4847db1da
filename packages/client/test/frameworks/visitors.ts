import type { Browser, BrowserContext, Page } from "playwright-core";
import { USER_AGENT } from "../browser-fixtures.ts";
import type { Way } from "./expected.ts";

/** Visitors without a cookie are recognised by their browser, so those without scripts need another one. */
const USER_AGENT_WITHOUT_SCRIPT = `${USER_AGENT} Edg/141.0.0.0`;

const LOGGED_BY_OTHERS = [
  // React Router, where a page is left while it still fetches what its links lead to.
  /^Failed to fetch manifest patches/,
];

/** A person's browser. */
export type Visitor = { context: BrowserContext; page: Page; javaScriptEnabled: boolean };

/** The persons of a walk, by a name for each. */
export type Visitors = {
  /** The person of that name. Who comes first may send headers with each request, and does so ever after. */
  get: (name: string, headers?: Record<string, string>) => Promise<Visitor>;
  /** Errors of their pages, and what was on the consoles. */
  errors: string[];
  close: () => Promise<void>;
};

export function inviteVisitors(browser: Browser, way: Way): Visitors {
  const visitors = new Map<string, Visitor>();
  const errors: string[] = [];
  return {
    errors,
    async get(name, headers = {}) {
      const visitor = visitors.get(name) ?? (await newVisitor(browser, way, headers, errors));
      visitors.set(name, visitor);
      return visitor;
    },
    async close() {
      await Promise.all([...visitors.values()].map(({ context }) => context.close()));
    },
  };
}

async function newVisitor(
  browser: Browser,
  way: Way,
  extraHTTPHeaders: Record<string, string>,
  errors: string[],
): Promise<Visitor> {
  const javaScriptEnabled = way !== "pixel";
  const userAgent = javaScriptEnabled ? USER_AGENT : USER_AGENT_WITHOUT_SCRIPT;
  const context = await browser.newContext({ userAgent, javaScriptEnabled, extraHTTPHeaders });
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (!LOGGED_BY_OTHERS.some((pattern) => pattern.test(message.text()))) errors.push(message.text());
  });
  return { context, page, javaScriptEnabled };
}

/** A cookie as a browser keeps it, for how many days. */
export type KeptCookie = {
  name: string;
  domain: string;
  path: string;
  sameSite: string;
  httpOnly: boolean;
  secure: boolean;
  days: number;
};

export async function cookiesOf({ context }: Visitor): Promise<KeptCookie[]> {
  const cookies = await context.cookies();
  return cookies.map(({ name, domain, path, sameSite, httpOnly, secure, expires }) => {
    const days = Math.round((expires - Date.now() / 1_000) / 86_400);
    return { name, domain, path, sameSite, httpOnly, secure, days };
  });
}

/** Follows a link, and waits for the page that it leads to. */
export async function follow(visitor: Visitor, name: string): Promise<void> {
  await visitor.page.getByRole("link", { name, exact: true }).click();
  await shows(visitor, name);
}

/** Waits for the page with this title. */
export async function shows({ page, javaScriptEnabled }: Visitor, title: string): Promise<void> {
  // In the page, where that can be, and at once: from outside it is only looked for twice a second.
  if (javaScriptEnabled) {
    await page.waitForFunction((wanted) => document.querySelector("h1")?.textContent === wanted, title);
  } else await page.locator("h1", { hasText: title }).waitFor();
}
