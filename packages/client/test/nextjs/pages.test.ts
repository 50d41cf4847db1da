import { createHash } from "node:crypto";
import type { Page, Request } from "playwright-core";
import { describe, expect, vi } from "vitest";
import { USER_AGENT } from "../browser-fixtures.ts";
import { type Agency, KEYS } from "./agency.ts";
import { agencyTest, BUILD_MS_MAX, VISITS_MS_MAX, viewerCookie } from "./agency-fixtures.ts";
import { idOf } from "./counting.ts";
import { htmlOf, PAGE_MS_MAX, PAGES, quickestMs } from "./measure.ts";

vi.setConfig({ testTimeout: VISITS_MS_MAX });

const test = agencyTest("start");

test.beforeEach(({ agency }) => agency.reconnect(), BUILD_MS_MAX);

describe("while there is a stats API, a site that was built without one", () => {
  test("ranks the models of a category, with their counts", async ({ agency, visit: { page } }) => {
    await view(agency, "idris-bello", ["a", "b", "a"]);
    await view(agency, "kenji-arai", ["a"]);
    await page.goto(agency.site.url);
    const ranked = page.getByRole("region", { name: "Men" }).getByRole("listitem");
    await expect
      .poll(() => afterCountingAgain(page, () => ranked.allTextContents()))
      .toEqual([
        expect.stringMatching(/Idris Bello3 views by 2 people/),
        expect.stringMatching(/Kenji Arai1 view by 1 person/),
      ]);
    await page.goto(`${agency.site.url}/categories/men`);
    await expect.poll(() => textOf(page)).toMatch(/Idris Bello3 views.*Jonas Brandt0 views/);
    await page.goto(`${agency.site.url}/models/idris-bello`);
    await expect.poll(() => textOf(page)).toMatch(/3 views by 2 people, last seen just now/);
  });

  test("counts again at the click of its button", async ({ agency, visit: { page } }) => {
    await page.goto(agency.site.url);
    const trending = page.getByRole("region", { name: "Trending" });
    await view(agency, "carmen-valdes", Array.from("abcdefgh"));
    const counted = () => afterCountingAgain(page, () => trending.textContent());
    await expect.poll(counted).toContain("Carmen Valdés8 views by 8 people");
    await agency.stats.down();
    expect(await counted(), "and keeps its counts while the stats API is down").toContain(
      "Carmen Valdés8 views",
    );
  });
});

test("counts stay while the stats API is down, and no page waits for new ones", async ({ agency }) => {
  await view(agency, "jonas-brandt", ["a"]);
  const profile = `${agency.site.url}/models/jonas-brandt`;
  await expect.poll(() => htmlOf(profile)).toContain("1 view");
  const connectionsBefore = agency.stats.connections();
  agency.stats.hang();
  await expect
    .poll(async () => [await htmlOf(profile), agency.stats.connections() > connectionsBefore], {
      message: "a refresh was tried, in vain",
    })
    .toEqual([expect.stringContaining("1 view"), true]);
  expect(await quickestMs(() => htmlOf(profile), PAGE_MS_MAX)).toBeLessThan(PAGE_MS_MAX);
  await agency.stats.down();
  expect(await htmlOf(profile)).toContain("1 view");
});

test("a visitor's own action waits no longer while ingest hangs", async ({ agency, visit: { page } }) => {
  const countAgain = () => countAgainOnCard(page, agency.site.url);
  const usualMs = await quickestMs(countAgain, Number.POSITIVE_INFINITY);
  agency.ingest.hang();
  // Behind an action that waits for ingest it would take 3 s longer: then the site gives up.
  const enoughMs = usualMs + 1_000;
  expect(await quickestMs(countAgain, enoughMs)).toBeLessThan(enoughMs);
});

describe("a page that reads the viewer while it renders", () => {
  test("identifies a visitor at the first visit, as ingest does", async ({ agency, newVisitor }) => {
    const { context, visit } = await newVisitor();
    const { page } = await visit();
    const response = await page.goto(`${agency.site.url}/privacy`);
    expect(response?.status()).toBe(200);
    const viewerId = await viewerCookie(context);
    const identifier = createHash("sha256").update(`${viewerId}${KEYS.VIEWER_ID_SALT}`).digest("hex");
    await expect.poll(() => textOf(page)).toContain(identifier);
  });

  test("identifies no visitor who asks for privacy", async ({ agency, newVisitor }) => {
    const { visit } = await newVisitor({ extraHTTPHeaders: { "Sec-GPC": "1" } });
    const { page } = await visit();
    await page.goto(`${agency.site.url}/privacy`);
    await expect.poll(() => textOf(page)).toContain("You have none");
  });
});

test.for(["/models/no-one", "/models/no-one/card", "/lookbook/no-one", "/categories/no-one", "/no-one"])(
  "%s is not found",
  async (path, { agency, visit: { page } }) => {
    const response = await page.goto(agency.site.url + path);
    expect(response?.status()).toBe(404);
    expect(await textOf(page)).toContain("No one of that name.");
  },
);

test.for(PAGES)("%s fits on a phone", async (path, { agency, visit: { page } }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(agency.site.url + path);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

async function view({ modelViews: { orThrow } }: Agency, slug: string, viewers: string[]): Promise<void> {
  const modelId = idOf(slug);
  const before = await orThrow.getModelViewStats(modelId);
  for (const viewer of viewers) {
    const identifier = createHash("sha256").update(viewer).digest("hex");
    await orThrow.trackModelView(modelId, identifier, { userAgent: USER_AGENT });
  }
  await expect
    .poll(async () => (await orThrow.getModelViewStats(modelId)).totalViews)
    .toBe(before.totalViews + viewers.length);
}

/** Opens a set card, whose view an action counts, and then clicks a button that runs another action. */
async function countAgainOnCard(page: Page, siteUrl: string): Promise<void> {
  const viewing = page.waitForRequest(isAction);
  await page.goto(`${siteUrl}/models/mei-tanaka/card`);
  const viewed = actionOf(await viewing);
  const counted = page.waitForResponse(
    (response) => isAction(response.request()) && actionOf(response.request()) !== viewed,
  );
  await page.getByRole("button", { name: "Count again" }).click();
  await counted;
}

function isAction(request: Request): boolean {
  return actionOf(request) !== undefined;
}

function actionOf(request: Request): string | undefined {
  return request.headers()["next-action"];
}

/** Clicks "Count again" and waits for the result. */
async function afterCountingAgain<T>(page: Page, read: () => Promise<T>): Promise<T> {
  const counted = page.waitForResponse((response) => isAction(response.request()));
  await page.getByRole("button", { name: "Count again" }).click();
  await counted;
  await page.getByRole("button", { name: "Count again", disabled: false }).waitFor();
  return read();
}

async function textOf(page: Page): Promise<string> {
  return (await page.locator("main").textContent()) ?? "";
}
