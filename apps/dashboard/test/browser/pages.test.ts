import type { Page } from "playwright-core";
import { describe, expect, vi } from "vitest";
import { axeFindings, PAGE_MS, settled, dashboardTest as test } from "./fixtures.ts";
import { MODELS } from "./world.ts";

vi.setConfig({ testTimeout: 120_000 });

const { Anna, Bella } = MODELS;
const PAGES = [
  ["/", "Overview"],
  ["/models", "Models"],
  [`/models/${Anna.id}`, "Anna"],
  [`/compare?m=${Anna.id},${Bella.id}`, "Compare"],
  ["/front-page", "Front page"],
  ["/live", "Live"],
  ["/pipeline", "Pipeline"],
  ["/settings", "Settings"],
] as const;

describe("every page", () => {
  test.for(PAGES)(
    "%s: axe finds nothing, the browser complains of nothing, and a phone has room for it",
    async ([path, title], { open }) => {
      const { page, complaints } = await open(path);
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
      await settled(page);
      expect(await axeFindings(page), "light").toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await axeFindings(page), "dark").toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      const width = () => page.evaluate(() => document.documentElement.scrollWidth);
      await expect.poll(width).toBeLessThanOrEqual(360);
      expect(complaints).toEqual([]);
    },
  );
});

describe("the overview", () => {
  test("has the figures of the stats API", async ({ open, system }) => {
    const { page } = await open("/?compare=none");
    await settled(page);
    const from = await page.evaluate(() => new Date(Date.now() - 27 * 86_400_000).toISOString().slice(0, 10));
    const answer = await fetch(`${system.statsApi.url}/v1/stats?from=${from}`);
    const { totalViews, uniqueViews } = (await answer.json()) as Record<string, number>;
    expect(totalViews).toBeGreaterThan(50);
    await expect
      .poll(() => page.getByRole("button", { name: /^Views/ }).textContent())
      .toContain(String(totalViews));
    await expect
      .poll(() => page.getByRole("button", { name: /^Viewers/ }).textContent())
      .toContain(String(uniqueViews));
  });

  test("is filtered by a click, in the address, and by Back again", async ({ open }) => {
    const { page } = await open("/");
    await settled(page);
    await page.getByRole("link", { name: "Germany" }).last().click();
    await expect.poll(() => page.url()).toContain("country=DE");
    await settled(page);
    const chip = page.getByRole("button", { name: /Germany/ });
    await expect.poll(() => chip.count()).toBeGreaterThan(0);
    await page.goBack();
    await expect.poll(() => page.url()).not.toContain("country=DE");
  });

  test("names wrong parts of its address, and takes them out", async ({ open }) => {
    const { page } = await open("/?range=fortnight&tz=Nowhere/Land");
    await expect.poll(() => page.locator("main").textContent()).toContain("fortnight");
    await page
      .getByRole("button", { name: /remove/i })
      .or(page.getByRole("link", { name: /remove/i }))
      .first()
      .click();
    await expect.poll(() => page.url()).not.toContain("fortnight");
  });

  test("has 25 hours on a day of 25 hours, and 23 on one of 23", async ({ open }) => {
    for (const [day, hours] of [
      ["2026-10-25", 25],
      ["2026-03-29", 23],
    ] as const) {
      const { page } = await open(`/?from=${day}&to=${day}&tz=Europe/Berlin&interval=hour&compare=none`);
      await settled(page);
      await page.getByText("As a table").first().click();
      const rows = page.locator("details[open] tbody tr");
      await expect.poll(() => rows.count(), { timeout: PAGE_MS }).toBe(hours);
    }
  });

  test("draws the way to a step that still grows apart, because it is no fall", async ({ open }) => {
    const openEnds = (page: Page) => page.locator('figure path[stroke-dasharray="2 4"]').count();
    const { page: growing } = await open("/?range=7d&compare=none");
    await settled(growing);
    expect(await openEnds(growing)).toBeGreaterThan(0);
    const { page: over } = await open("/?range=last-month&compare=none");
    await settled(over);
    expect(await openEnds(over)).toBe(0);
  });

  test("reads a chart to those who do not see it, by the arrow keys", async ({ open }) => {
    const { page } = await open("/?range=7d");
    await settled(page);
    const chart = page.getByRole("slider").first();
    await chart.focus();
    await page.keyboard.press("Home");
    const first = await chart.getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowRight");
    const second = await chart.getAttribute("aria-valuetext");
    expect(first).toMatch(/: Views \d+.*; the days before, .+ \d+/);
    expect(second).not.toBe(first);
    expect(page.url(), "the period stays").toContain("range=7d");
  });
});

describe("by the keyboard alone", () => {
  test("a model is found, and pages are changed", async ({ open }) => {
    const { page } = await open("/");
    await settled(page);
    await page.keyboard.press("/");
    await page.keyboard.type("bell");
    await expect.poll(() => page.getByRole("option", { name: /Bella/ }).count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Bella" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    await settled(page);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Anna" }).waitFor();
  });
});

describe("CSV", () => {
  test("of the table has every model, as the API has it", async ({ open, system }) => {
    const { page } = await open("/models?range=28d&compare=none");
    await settled(page);
    const link = page.getByRole("link", { name: /^CSV/ }).first();
    const href = (await link.getAttribute("href")) ?? "";
    const csv = await (await fetch(`${system.statsApi.url}${href}`)).text();
    const rows = csv.trim().split("\n");
    expect(rows).toHaveLength(1 + Object.keys(MODELS).length);
    expect(csv).toContain("Dana, never viewed");
  });
});

describe("a part whose question fails", () => {
  test("says so, and the others have their figures", async ({ open }) => {
    const { page } = await open("/settings");
    await page.route(/\/v1\/breakdowns\?/, (route) =>
      route.fulfill({
        status: 500,
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: "urn:model-views:problem:internal-error",
          title: "x",
          status: 500,
          detail: "It has failed here",
        }),
      }),
    );
    await page.route(/\/v1\/models\/top/, (route) =>
      route.fulfill({
        status: 401,
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: "urn:model-views:problem:key-needed",
          title: "x",
          status: 401,
          detail: "A key",
        }),
      }),
    );
    await page.getByRole("link", { name: "Overview" }).click();
    await expect
      .poll(() => page.getByRole("alert").allTextContents(), { timeout: PAGE_MS })
      .toEqual(
        expect.arrayContaining([
          expect.stringContaining("It has failed here"),
          expect.stringMatching(/not signed in/),
        ]),
      );
    await expect.poll(() => page.getByRole("button", { name: /^Views/ }).textContent()).toMatch(/\d/);
    await page.unroute(/\/v1\/breakdowns\?/);
    await page.getByRole("button", { name: "Try again" }).first().click();
    await expect.poll(() => page.getByRole("link", { name: "blog.example.org" }).count()).toBeGreaterThan(0);
  });
});
