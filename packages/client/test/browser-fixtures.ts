import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { test as systemTest } from "../../testing/src/fixtures.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { type StandIn, startStandIn } from "./stand-in.ts";
import { startWebsite, type Website } from "./website.ts";

/** The packaged browser names itself headless, and ingest would take it for a bot. */
export const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/** Small, because without a graphics card it is the painting that takes the time. */
const VIEWPORT = { width: 400, height: 300 };

/** A page with its uncaught errors and its messages on the console. */
export type Visit = { page: Page; errors: string[]; console: string[] };

/** A person's browser, with separate cookies. */
export type Visitor = { context: BrowserContext; visit: () => Promise<Visit> };

export type BrowserFixtures = {
  browser: Browser;
  website: Website;
  standIn: StandIn;
  /** A further person, with a fresh profile. */
  newVisitor: (
    profile?: Pick<BrowserContextOptions, "extraHTTPHeaders" | "javaScriptEnabled">,
  ) => Promise<Visitor>;
  /** A page in a fresh profile. */
  visit: Visit;
};

/**
 * Tests in a real browser, on real services where they name them. Each gets only the fixtures that it names, and they
 * are removed afterwards. Other packages are imported by path, because a published package must not list a workspace.
 */
export const browserTest = systemTest.extend<BrowserFixtures>({
  browser: [
    async ({ task: _ }, use) => {
      await use(await sharedBrowser());
      await closeSharedBrowser();
    },
    { scope: "worker" },
  ],

  website: async ({ task: _ }, use) => {
    const website = await startWebsite();
    await use(website);
    await website.close();
  },

  standIn: async ({ task: _ }, use) => {
    const standIn = await startStandIn();
    await use(standIn);
    await standIn.close();
  },

  newVisitor: async ({ browser }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (profile = {}) => {
      const context = await browser.newContext({ ...profile, userAgent: USER_AGENT, viewport: VIEWPORT });
      contexts.push(context);
      return { context, visit: () => openPage(context) };
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  visit: async ({ newVisitor }, use) => {
    const visitor = await newVisitor();
    await use(await visitor.visit());
  },
});

/** One for all files of a worker: each test opens a fresh profile in it. */
let launched: Promise<Browser> | undefined;

function sharedBrowser(): Promise<Browser> {
  launched ??= findChromium().then((found) => launchChromium(found));
  return launched;
}

/** Called once for each `test` of the worker that used the browser, after the last file. */
async function closeSharedBrowser(): Promise<void> {
  const closing = launched;
  launched = undefined;
  await (await closing)?.close();
}

async function openPage(context: BrowserContext): Promise<Visit> {
  const page = await context.newPage();
  const errors: string[] = [];
  const console: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => console.push(message.text()));
  return { page, errors, console };
}
