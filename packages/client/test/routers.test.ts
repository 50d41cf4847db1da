import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, painted } from "./models.ts";
import { buildRouterBundles } from "./router-bundles.ts";
import { routerSites, serveRouterSite } from "./router-sites.ts";
import { serve } from "./serve.ts";

const BUILD_MS_MAX = 180_000;
/** They load the next page completely. */
const loading = ["instant-page", "quicklink"];

const test = browserTest.extend<{ bundles: string }>({
  bundles: [async ({ task: _ }, use) => use(await buildRouterBundles()), { scope: "file" }],
});

/** Resolves when a page is shown alone, and was painted. */
async function shown(page: Page, name: string): Promise<void> {
  await page.waitForFunction((expected) => {
    const headings = [...document.querySelectorAll("h1")];
    return headings.length === 1 && headings[0]?.textContent === expected;
  }, name);
  await page.waitForURL((url) => url.href.replace(/\/$/, "").endsWith(name));
  await painted(page);
}

test.for(routerSites.map((site) => [site.router, site.naming, site] as const))(
  "%s, by the %s: each visit of a model is a view, by links and through the history",
  { timeout: BUILD_MS_MAX },
  async ([router, , site], { bundles, standIn, visit: { page, errors, console }, onTestFinished }) => {
    const website = await serve(serveRouterSite(site, bundles, standIn.url));
    onTestFinished(website.close);
    await page.goto(website.url + site.pathOf("anna"));
    await shown(page, "anna");
    await page.evaluate(() => Object.assign(window, { isSame: true }));
    for (const name of ["list", "bella", "anna"]) {
      await page.getByRole("link", { name }).click();
      await shown(page, name);
    }
    for (const [go, name] of [
      ["goBack", "bella"],
      ["goBack", "list"],
      ["goBack", "anna"],
      ["goForward", "list"],
      ["goForward", "bella"],
    ] as const) {
      await page[go]();
      await shown(page, name);
    }
    await eventually(() => standIn.models()).toEqual([ANNA, BELLA, ANNA, BELLA, ANNA, BELLA]);
    expect(await page.evaluate(() => Reflect.get(window, "isSame") === true)).toBe(!loading.includes(router));
    expect([errors, console.filter((line) => line.includes("model-views"))]).toEqual([[], []]);
  },
);
