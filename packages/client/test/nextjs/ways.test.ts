import { describe, expect, vi } from "vitest";
import type { Agency } from "./agency.ts";
import { agencyTest, BUILD_MS_MAX, VISITS_MS_MAX, viewerCookie } from "./agency-fixtures.ts";
import { idOf, startCounting } from "./counting.ts";
import { follow, goBack, goTo, turn, turnDocument } from "./walk.ts";
import { WAYS } from "./ways.ts";

// A controlled browser has no back/forward cache and does not prerender: seen.test.ts covers both. StrictMode:
// development.test.ts.
vi.setConfig({ testTimeout: VISITS_MS_MAX });

const test = agencyTest("start");

test.beforeEach(({ agency }) => agency.reconnect(), BUILD_MS_MAX);

describe.for(WAYS)("in production, $way", ({ path }) => {
  const [mei, liv] = [path("mei-tanaka"), path("liv-soerensen")];

  test("counts each visit to a model, and nothing else", async ({ agency, visit }) => {
    const { page, errors, console } = visit;
    const added = await startCounting(agency);
    await page.goto(agency.site.url + mei);
    await added("a first visit", { "mei-tanaka": 1 });
    await page.reload();
    await added("a reload", { "mei-tanaka": 1 });
    await follow(page, "Women", "/categories/women");
    await page.getByRole("link", { name: "Liv Sørensen" }).hover();
    await added("links that are fetched ahead", {});
    await goTo(page, liv);
    await added("from a list", { "liv-soerensen": 1 });
    await goTo(page, mei);
    await added("from model to model", { "mei-tanaka": 1 });
    await goBack(page, liv);
    await added("back in the history", { "liv-soerensen": 1 });
    await turn(page, "hidden");
    await turn(page, "visible");
    await follow(page, "Women", "/categories/women");
    await added("hidden, shown again and left", {});
    await goTo(page, liv);
    await added("the same model after a list", { "liv-soerensen": 1 });
    expect([errors, console]).toEqual([[], []]);
  });

  test("counts a page that opens in the background when it is looked at", async ({
    agency,
    visit: { page },
  }) => {
    const added = await startCounting(agency);
    await page.addInitScript(turnDocument, "hidden");
    await page.goto(agency.site.url + mei);
    await page.waitForLoadState("networkidle");
    await added("in the background", {});
    await turn(page, "visible");
    await added("in the foreground", { "mei-tanaka": 1 });
  });

  test("counts a visitor who asks for privacy, without a cookie", async ({ agency, newVisitor }) => {
    const added = await startCounting(agency);
    const { context, visit } = await newVisitor({ extraHTTPHeaders: { "Sec-GPC": "1" } });
    const { page } = await visit();
    await page.goto(agency.site.url + mei);
    await added("the first visit", { "mei-tanaka": 1 });
    await page.reload();
    await added("the second", { "mei-tanaka": 1 });
    expect(await viewerCookie(context)).toBeUndefined();
  });

  test("counts no visit of an excluded browser", async ({ agency, visit: { page } }) => {
    const added = await startCounting(agency);
    await page.goto(`${agency.site.url}/privacy`);
    await follow(page, "Leave out this browser", "/models/anais-okafor");
    await page.waitForFunction(() => localStorage["model-views"]?.includes("ignore"));
    await page.goto(agency.site.url + mei);
    await page.waitForLoadState("networkidle");
    await added("excluded", {});
    await page.goto(`${agency.site.url}/privacy`);
    await follow(page, "count it again", "/models/anais-okafor");
    await added("counted again", { "anais-okafor": 1 });
    await page.goto(agency.site.url + mei);
    await added("everywhere", { "mei-tanaka": 1 });
  });

  test.for([
    ["is down", "down"],
    ["hangs", "hang"],
  ] as const)("does not disturb the page while ingest %s", async ([, how], { agency, visit }) => {
    const { page, errors } = visit;
    await agency.ingest[how]();
    await page.goto(agency.site.url + mei);
    await follow(page, "Women", "/categories/women");
    agency.reconnect();
    const viewsBefore = await viewsOf(agency, "liv-soerensen");
    await page.goto(agency.site.url + liv);
    await expect
      .poll(() => viewsOf(agency, "liv-soerensen"), { message: "once ingest is back" })
      .toBe(viewsBefore + 1);
    expect(errors).toEqual([]);
  });
});

test("one visitor is one viewer, whichever way counts", async ({ agency, visit }) => {
  const { getModelViewStats } = agency.modelViews.orThrow;
  for (const [index, { path }] of WAYS.entries()) {
    await visit.page.goto(agency.site.url + path("noor-haddad"));
    await expect
      .poll(() => getModelViewStats(idOf("noor-haddad")))
      .toMatchObject({ totalViews: index + 1, uniqueViews: 1 });
  }
});

async function viewsOf({ modelViews }: Agency, slug: string): Promise<number> {
  return (await modelViews.orThrow.getModelViewStats(idOf(slug))).totalViews;
}
