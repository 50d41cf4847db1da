import { describe, expect } from "vitest";
import { agencyTest, BUILD_MS_MAX } from "./agency-fixtures.ts";
import { startCounting } from "./counting.ts";
import { goTo } from "./walk.ts";
import { WAYS } from "./ways.ts";

/** Next.js compiles each page, and the route that takes views, at its first request. */
const COMPILE_MS_MAX = 120_000;

/** Messages of Next.js, also those of a cached function on the server. */
const LOGGED_BY_NEXT = /React DevTools|\[HMR\]|\[Fast Refresh\]| Cache /;

const test = agencyTest("dev");

test.beforeEach(({ agency }) => agency.reconnect(), BUILD_MS_MAX);

describe.for(WAYS)("in development, under StrictMode, $way", ({ path }) => {
  test("counts each visit to a model once", { timeout: BUILD_MS_MAX }, async ({ agency, visit }) => {
    const { page, errors, console } = visit;
    page.setDefaultTimeout(COMPILE_MS_MAX);
    const added = await startCounting(agency, { withinMs: COMPILE_MS_MAX });
    await page.goto(agency.site.url + path("mei-tanaka"));
    await added("a first visit", { "mei-tanaka": 1 });
    await page.reload();
    await added("a reload", { "mei-tanaka": 1 });
    await goTo(page, path("liv-soerensen"));
    await added("from model to model", { "liv-soerensen": 1 });
    await goTo(page, "/");
    await goTo(page, path("liv-soerensen"));
    await added("the same model after a list", { "liv-soerensen": 1 });
    expect(errors).toEqual([]);
    expect(console.filter((line) => !LOGGED_BY_NEXT.test(line))).toEqual([]);
  });
});
