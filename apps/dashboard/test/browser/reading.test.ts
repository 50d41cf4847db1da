import { randomUUID } from "node:crypto";
import { spawnService } from "@model-views/testing/services.ts";
import type { Page } from "playwright-core";
import { describe, expect, vi } from "vitest";
import { USER_AGENT } from "../../../../packages/client/test/browser-fixtures.ts";
import { openDashboardSystem, PAGE_MS, settled, dashboardTest as test } from "./fixtures.ts";
import { MODELS } from "./world.ts";

vi.setConfig({ testTimeout: 120_000 });

const READER_KEY = "front-desk=a-key-of-readers-0001";
const OTHER_KEY = "front-desk=a-key-of-readers-0002";
const key = (entry: string) => entry.split("=")[1] ?? "";

/** Posts a view as a browser does. */
async function postView(ingest: string, modelId: string = MODELS.Anna.id): Promise<void> {
  const response = await fetch(`${ingest}/v1/views`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "User-Agent": USER_AGENT },
    body: JSON.stringify({ modelId, id: randomUUID() }),
  });
  expect(response.status).toBe(202);
}

const viewersNow = async (page: Page) =>
  Number(
    (
      await page
        .getByRole("link", { name: /viewers? now/i })
        .first()
        .textContent()
    )?.match(/\d+/)?.[0],
  );

test("the live number rises while views are posted, and comes back after the stats API was killed", async ({
  open,
  system,
}) => {
  const first = await spawnService("stats-api", system.env);
  const { page } = await open("/live", { origin: first.url });
  await expect
    .poll(() => page.getByText("Live: figures come").count(), { timeout: PAGE_MS })
    .toBeGreaterThan(0);
  const before = await viewersNow(page);
  for (let view = 0; view < 3; view += 1) await postView(system.ingest.url);
  await expect.poll(() => viewersNow(page), { timeout: PAGE_MS }).toBeGreaterThan(before);
  await expect
    .poll(() => page.getByRole("link", { name: "Anna" }).count(), { timeout: PAGE_MS })
    .toBeGreaterThan(0);
  await first.kill("SIGKILL");
  await expect
    .poll(() => page.getByText("The connection is lost").count(), { timeout: PAGE_MS })
    .toBeGreaterThan(0);
  const second = await spawnService("stats-api", { ...system.env, STATS_PORT: new URL(first.url).port });
  await expect
    .poll(() => page.getByText("Live: figures come").count(), { timeout: 60_000 })
    .toBeGreaterThan(0);
  await second.kill("SIGKILL");
});

describe("a site that needs keys", () => {
  test("lets a reader in by key, out again, and back to the same address when the session has ended", async ({
    open,
    system,
  }) => {
    const env = { ...system.env, STATS_KEYS: READER_KEY, ADMIN_KEYS: "anna=a-key-of-an-admin-0001" };
    const first = await spawnService("stats-api", env);
    const { page } = await open("/pipeline?range=7d", { origin: first.url });
    const field = page.getByLabel("Your key");
    await field.fill("a wrong key, and a long one");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect
      .poll(() => page.getByRole("alert").allTextContents())
      .toEqual([expect.stringMatching(/not known/)]);
    await field.fill(key(READER_KEY));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Pipeline" }).waitFor();
    expect(page.url()).toContain("range=7d");

    // The key is replaced, and with it every session that was begun with it ends.
    await first.kill("SIGTERM");
    const { port } = new URL(first.url);
    const second = await spawnService("stats-api", { ...env, STATS_KEYS: OTHER_KEY, STATS_PORT: port });
    const again = page.getByRole("dialog").getByLabel("Your key");
    await again.waitFor({ timeout: 60_000 });
    await again.fill(key(OTHER_KEY));
    await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await again.waitFor({ state: "detached" });
    expect(page.url()).toContain("/pipeline?range=7d");

    await page.getByRole("button", { name: "Menu" }).click();
    await expect.poll(() => page.locator("body").textContent()).toContain("front-desk");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Your key").waitFor();
    for (let tries = 0; tries < 11; tries += 1) {
      await page.getByLabel("Your key").fill(`wrong key number ${tries}`);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect.poll(() => page.getByRole("button", { name: "Sign in" }).isEnabled()).toBe(true);
    }
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/Too many wrong keys/);
    await second.kill("SIGKILL");
  });
});

describe("a site without a view", () => {
  test("shows the snippet, and turns by itself when the first view comes", async ({ open }) => {
    const empty = await openDashboardSystem();
    try {
      await fetch(`${empty.statsApi.url}/v1/models/${MODELS.Anna.id}`, {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: "Anna" }),
      });
      const { page } = await open("/", { origin: empty.statsApi.url });
      await page.getByRole("heading", { name: /waiting for the first view/i }).waitFor();
      await expect.poll(() => page.locator("pre").textContent()).toContain(MODELS.Anna.id);
      await postView(empty.ingest.url);
      await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor({ timeout: 60_000 });
      await settled(page);
      await expect.poll(() => page.getByRole("button", { name: /^Views/ }).textContent()).toMatch(/1/);
    } finally {
      await empty.close();
    }
  });
});

test("nothing moves while answers come", async ({ open, system }) => {
  const { page } = await open("/settings");
  // One answer after the other, each painted before the next comes.
  let painted = Promise.resolve();
  await page.route(/\/v1\/(stats|timeseries|breakdown|models)/, async (route) => {
    const response = await route.fetch();
    painted = painted.then(async () => {
      await route.fulfill({ response });
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
    });
    await painted;
  });
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${system.statsApi.url}/`);
  await settled(page);
  await painted;
  const sum = await page.evaluate(() =>
    (globalThis as unknown as { shifts: number[] }).shifts.reduce((total, shift) => total + shift, 0),
  );
  await page.unrouteAll({ behavior: "ignoreErrors" });
  expect(sum).toBeLessThan(0.05);
});
