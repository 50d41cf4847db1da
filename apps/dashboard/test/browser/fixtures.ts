import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { builtDashboard } from "@model-views/lab/built-dashboard.ts";
import { openSystem, type System } from "@model-views/testing/system.ts";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest } from "../../../../packages/client/test/browser-fixtures.ts";
import { recordWorld } from "./world.ts";

/** Milliseconds in which a part of a page has its answer, also on a busy machine. */
export const PAGE_MS = 15_000;

/** A page of the dashboard, and everything that a reader's browser would complain of. */
export type Opened = { page: Page; complaints: string[] };

export type DashboardFixtures = {
  /** The services with a dashboard and a small world, for all tests of a file. */
  system: System;
  open: (path: string, options?: BrowserContextOptions & { origin?: string }) => Promise<Opened>;
};

export const dashboardTest = browserTest.extend<DashboardFixtures>({
  system: [
    async ({ task: _ }, use) => {
      const system = await openDashboardSystem();
      await recordWorld(system.db, new Date());
      await use(system);
      await system.close();
    },
    { scope: "file" },
  ],

  open: async ({ browser, system }, use) => {
    const contexts: { close: () => Promise<void> }[] = [];
    await use(async (path, { origin = system.statsApi.url, ...options } = {}) => {
      const context = await browser.newContext({
        locale: "en-GB",
        timezoneId: "UTC",
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(PAGE_MS);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(`${origin}${path}`);
      return { page, complaints };
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** Services whose stats API serves the dashboard. */
export async function openDashboardSystem(settings: Record<string, string> = {}): Promise<System> {
  const { folder, built } = await builtDashboard();
  await built;
  return openSystem({ DASHBOARD_DIR: folder, STATS_CACHE_SECONDS: "0", ...settings });
}

/** Resolves when no part of the page is waiting for an answer. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expect.poll(() => page.locator('[aria-busy="true"]').count(), { timeout: PAGE_MS }).toBe(0);
}

const require = createRequire(import.meta.url);
let axeSource: Promise<string> | undefined;

/** What axe finds on the page as it is: the rule, and where. */
export async function axeFindings(page: Page): Promise<string[]> {
  axeSource ??= readFile(require.resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(await axeSource);
  return page.evaluate(async () => {
    // Loaded above.
    const { axe } = globalThis as unknown as {
      axe: {
        run: () => Promise<{
          violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
    );
  });
}
