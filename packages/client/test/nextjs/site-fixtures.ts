import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { MODELS } from "../../../../examples/nextjs/lib/models.ts";
import type { RunningService } from "../../../testing/src/services.ts";
import { browserTest } from "../browser-fixtures.ts";
import { eventually } from "../eventually.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type RunningSite, startSite } from "./running-site.ts";

export const SALT = "a salt of the site, and of ingest";
const SERVER_KEY = "a key of the site for ingest";

/** Views of the models that have any, by the slug of each. */
export type Views = Record<string, number>;

/** The services that the site uses, on a database of their own. */
export type System = {
  ingest: RunningService;
  statsApi: RunningService;
  /** What the stats API says. */
  views: () => Promise<Views>;
  stats: (slug: string) => Promise<{ totalViews: number; uniqueViews: number; lastViewedAt: string | null }>;
};

export type SiteFixtures = {
  system: System;
  /** What the site takes for ingest and for the stats API. */
  ingestRelay: Relay;
  statsRelay: Relay;
  /** The built site, before its first visitor. */
  site: RunningSite;
};

/** Tests of the example site in production, beside real services. */
export const siteTest = browserTest.extend<SiteFixtures>({
  ingestRelay: async ({ task: _ }, use) => {
    const relay = await startRelay();
    await use(relay);
    await relay.close();
  },

  statsRelay: async ({ task: _ }, use) => {
    const relay = await startRelay();
    await use(relay);
    await relay.close();
  },

  system: async ({ start, ingestRelay, statsRelay }, use) => {
    const [ingest, statsApi] = await Promise.all([
      start("ingest", { VIEWER_ID_SALT: SALT, SERVER_KEYS: SERVER_KEY }),
      start("stats-api"),
      start("worker"),
    ]);
    ingestRelay.to(ingest.url);
    statsRelay.to(statsApi.url);
    const stats = async (slug: string) => {
      const response = await fetch(`${statsApi.url}/v1/models/${idOf(slug)}/stats`);
      return response.json();
    };
    const views = async () => {
      const response = await fetch(`${statsApi.url}/v1/models/top?limit=100`);
      const { items }: { items: { modelId: string; totalViews: number }[] } = await response.json();
      return Object.fromEntries(items.map(({ modelId, totalViews }) => [slugOf(modelId), totalViews]));
    };
    await use({ ingest, statsApi, views, stats });
  },

  site: async ({ ingestRelay, statsRelay }, use) => {
    const site = await startSite("start", siteSettings(ingestRelay, statsRelay));
    await use(site);
    await site.stop();
  },
});

export function siteSettings(ingest: Relay, stats: Relay): Record<string, string> {
  return { INGEST_URL: ingest.url, STATS_URL: stats.url, SERVER_KEY, VIEWER_ID_SALT: SALT };
}

export function idOf(slug: string): string {
  return MODELS.find((model) => model.slug === slug)?.id ?? expect.fail(`no model ${slug}`);
}

function slugOf(modelId: string): string {
  return MODELS.find(({ id }) => id === modelId)?.slug ?? modelId;
}

/** Resolves when the site has stored its models, which it does by itself. */
export async function modelsStored({ statsApi }: System): Promise<void> {
  const stored = async () => {
    const { items }: { items: unknown[] } = await (await fetch(`${statsApi.url}/v1/models`)).json();
    return items.length;
  };
  await eventually(stored).toBe(MODELS.length);
}

/**
 * Expects these views and no others, now and after everything that is on its way: the page is at rest, and a view of
 * one more model, posted after that, has been counted.
 */
export async function expectViewsAtRest(page: Page, system: System, views: Views): Promise<void> {
  await page.waitForLoadState("networkidle");
  const last = "sasha-petrov";
  await fetch(`${system.ingest.url}/v1/views`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${SERVER_KEY}` },
    body: JSON.stringify({ modelId: idOf(last), viewerId: "the last" }),
  });
  await eventually(async () => (await system.views())[last]).toBe(1);
  expect(await system.views()).toEqual({ ...views, [last]: 1 });
}

/** The cookie by which the site knows a visitor. */
export async function viewerCookie(context: BrowserContext): Promise<string | undefined> {
  return (await context.cookies()).find(({ name }) => name === "viewer_id")?.value;
}
