import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, modelsUntilLast, painted } from "./models.ts";
import { scriptTag } from "./website.ts";

const stored = (page: Page) => page.evaluate(() => Object.entries(localStorage));

test("a browser that opened a page with #model-views=ignore is not counted until it opens one with =count", async ({
  website,
  standIn,
  newVisitor,
}) => {
  website.page("/about", scriptTag(standIn.url, {}));
  website.page("/anna", scriptTag(standIn.url, { "data-model-id": ANNA }));
  website.page("/bella", scriptTag(standIn.url, { "data-model-id": BELLA }));
  const { visit } = await newVisitor();
  const { page, errors, console } = await visit();
  await page.goto(`${website.url}/about#model-views=ignore`);
  await page.goto(`${website.url}/anna`);
  const further = await visit();
  await further.page.goto(`${website.url}/bella`);
  expect(await stored(page)).toEqual([["model-views", "#model-views=ignore"]]);
  await page.goto(`${website.url}/bella#model-views=count`);
  expect(await modelsUntilLast(page, standIn)).toEqual([BELLA]);
  expect(await stored(page)).toEqual([["model-views", "#model-views=count"]]);
  expect([errors, console, further.errors, further.console]).toEqual([[], [], [], []]);
});

test("the page with the flag is not counted, nor a model that is shown after the flag was set", async ({
  website,
  standIn,
  visit: { page },
  newVisitor,
}) => {
  website.page("/anna", scriptTag(standIn.url, { "data-model-id": ANNA }));
  website.page("/list", `<body>${scriptTag(standIn.url, {})}<a href="#model-views=ignore">Not me</a><main>`);
  await page.goto(`${website.url}/anna#model-views=ignore`);
  const other = await (await newVisitor()).visit();
  await other.page.goto(`${website.url}/list`);
  await other.page.click("a");
  await other.page.evaluate((bella) => {
    history.pushState({}, "", "/bella");
    document.querySelector("main")?.setAttribute("data-model-id", bella);
  }, BELLA);
  await painted(other.page);
  const third = await (await newVisitor()).visit();
  await third.page.goto(`${website.url}/anna`);
  expect(await modelsUntilLast(third.page, standIn)).toEqual([ANNA]);
});

test("where local storage is closed, visits count", async ({ website, standIn, visit }) => {
  website.page("/anna", scriptTag(standIn.url, { "data-model-id": ANNA }));
  await visit.page.addInitScript(() => {
    const get = () => {
      throw new DOMException("Access is denied for this document.", "SecurityError");
    };
    Object.defineProperty(window, "localStorage", { get });
  });
  await visit.page.goto(`${website.url}/anna`);
  await eventually(() => standIn.models()).toEqual([ANNA]);
  expect([visit.errors, visit.console]).toEqual([[], []]);
});
