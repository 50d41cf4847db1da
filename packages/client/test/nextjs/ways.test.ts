import { beforeAll, describe, expect } from "vitest";
import { eventually } from "../eventually.ts";
import { buildSite } from "./build-site.ts";
import { expectViewsAtRest, modelsStored, siteTest as test, type Views, viewerCookie } from "./site-fixtures.ts";
import { follow, goBack, goTo, turn, turnDocument } from "./walk.ts";
import { WAYS } from "./ways.ts";

/** Builds the site where that is to be done. */
const BUILD_MS_MAX = 10 * 60_000;

beforeAll(buildSite, BUILD_MS_MAX);

describe.for(WAYS)("in production, $way", ({ path }) => {
  const [mei, liv] = [path("mei-tanaka"), path("liv-soerensen")];

  test("counts each visit to a profile, and nothing else", async ({ site, system, visit }) => {
    const { page } = visit;
    await modelsStored(system);
    const counted = (what: string, views: Views) => eventually(system.views, what).toEqual(views);

    await page.goto(site.url + mei);
    await counted("a first visit", { "mei-tanaka": 1 });
    await page.reload();
    await counted("a reload", { "mei-tanaka": 2 });

    await follow(page, "Women", "/categories/women");
    await page.getByRole("link", { name: "Liv Sørensen" }).hover();
    await page.waitForLoadState("networkidle");
    await goTo(page, liv);
    await counted("from a list with links that were fetched ahead", { "mei-tanaka": 2, "liv-soerensen": 1 });
    await goTo(page, mei);
    await counted("from profile to profile", { "mei-tanaka": 3, "liv-soerensen": 1 });
    await goBack(page, liv);
    await counted("back in the history", { "mei-tanaka": 3, "liv-soerensen": 2 });
    await turn(page, "hidden");
    await turn(page, "visible");
    await follow(page, "Women", "/categories/women");
    await goTo(page, liv);
    await counted("a list in between", { "mei-tanaka": 3, "liv-soerensen": 3 });

    await expectViewsAtRest(page, system, { "mei-tanaka": 3, "liv-soerensen": 3 });
    expect(await system.stats("mei-tanaka")).toMatchObject({ uniqueViews: 1 });
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });

  test("counts a page that opens in the background when it is looked at", async ({ site, system, visit }) => {
    const { page } = visit;
    await modelsStored(system);
    await page.addInitScript(turnDocument, "hidden");
    await page.goto(site.url + mei);
    await page.waitForLoadState("networkidle");
    expect(await system.views()).toEqual({});
    await turn(page, "visible");
    await expectViewsAtRest(page, system, { "mei-tanaka": 1 });
  });

  test("counts a visitor who asks for privacy, without a cookie", async ({ site, system, newVisitor }) => {
    await modelsStored(system);
    const { context, visit } = await newVisitor({ extraHTTPHeaders: { "Sec-GPC": "1" } });
    const { page } = await visit();
    await page.goto(site.url + mei);
    await eventually(system.views).toEqual({ "mei-tanaka": 1 });
    await page.reload();
    await expectViewsAtRest(page, system, { "mei-tanaka": 2 });
    expect(await system.stats("mei-tanaka")).toMatchObject({ uniqueViews: 1 });
    expect(await viewerCookie(context)).toBeUndefined();
  });

  test.for(["down", "hang"] as const)(
    "leaves the page alone while ingest is %s",
    async (how, { ingestRelay, site, system, visit }) => {
      const { page } = visit;
      await modelsStored(system);
      await ingestRelay[how]();
      await page.goto(site.url + mei);
      await page.waitForLoadState("networkidle");
      await follow(page, "Women", "/categories/women");
      ingestRelay.to(system.ingest.url);
      await page.goto(site.url + liv);
      await expectViewsAtRest(page, system, { "liv-soerensen": 1 });
      expect(visit.errors).toEqual([]);
    },
  );
});

test("one visitor is one viewer, whichever way counts", async ({ site, system, visit }) => {
  await modelsStored(system);
  for (const { path } of WAYS) {
    await visit.page.goto(site.url + path("mei-tanaka"));
    await visit.page.waitForLoadState("networkidle");
  }
  await eventually(() => system.stats("mei-tanaka")).toMatchObject({ totalViews: 3, uniqueViews: 1 });
});
