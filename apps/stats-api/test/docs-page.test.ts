import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect } from "vitest";
import { findChromium, launchChromium } from "../../../packages/client/test/chromium.ts";
import { routeGroups } from "../src/routes/all.ts";
import { ANNA } from "../src/routes/example-data.ts";
import { test as base } from "./api.ts";
import { recordExampleData } from "./openapi/example-data.ts";

/** Not a name of this machine: browsers allow some things only for localhost, and a colleague's browser does not use that. */
const HOST = "views.test";

/** Headers of helmet that a browser ignores without TLS, with a message. */
const IGNORED_HEADERS = /Cross-Origin-Opener-Policy header|Origin-Agent-Cluster header/;

/** What a page loaded, and its errors and warnings. */
type Seen = { page: Page; urls: string[]; errors: string[] };

/** Under that name, a request without a key would be refused. */
const withKeys = base.extend({ keys: { mayRead: () => true, mayChange: () => true } });

const test = withKeys.extend<{ open: (path: string, look?: BrowserContextOptions) => Promise<Seen> }>({
  open: async ({ api }, use) => {
    const { port } = new URL((await api.ask("/livez")).url);
    const found = await findChromium();
    const rules = `--host-resolver-rules=MAP ${HOST} 127.0.0.1`;
    const browser = await launchChromium({ ...found, args: [...found.args, rules] });
    await use(async (path, look = {}) => {
      const page = await browser.newPage(look);
      const [urls, errors] = [[] as string[], [] as string[]];
      page.on("request", (request) => urls.push(request.url()));
      page.on("requestfailed", (request) => errors.push(`${request.url()} failed`));
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        const isProblem =
          ["error", "warning"].includes(message.type()) && !IGNORED_HEADERS.test(message.text());
        if (isProblem) errors.push(message.text());
      });
      await page.goto(`http://${HOST}:${port}${path}`);
      return { page, urls, errors };
    });
    await browser.close();
  },
});

describe("GET /docs", () => {
  test("lists the operations and asks one, without other hosts and without errors", async ({ db, open }) => {
    await recordExampleData(db);
    const { page, urls, errors } = await open("/docs");
    const summaries = routeGroups.flatMap(({ routes }) => routes.map(({ summary }) => summary));
    const listed = page.locator(".opblock-summary-description");
    await expect.poll(() => listed.allTextContents()).toEqual(summaries);

    const stats = page.locator("#operations-Statistics-getModelStats");
    await stats.click();
    await stats.getByRole("button", { name: "Try it out" }).click();
    await stats.getByRole("button", { name: "Execute" }).click();
    await expect
      .poll(() => stats.locator(".live-responses-table").textContent())
      .toContain(`"totalViews": 3`);

    const asked = urls.filter((url) => !url.startsWith("data:")).map((url) => new URL(url));
    expect(asked.map(({ pathname }) => pathname)).toContain(`/v1/models/${ANNA}/stats`);
    expect(new Set(asked.map(({ hostname }) => hostname))).toEqual(new Set([HOST]));
    expect(errors).toEqual([]);
  });

  test("is dark when the system is, and fits the width of a phone", async ({ open }) => {
    const { page, errors } = await open("/docs", {
      colorScheme: "dark",
      viewport: { width: 390, height: 844 },
      isMobile: true,
    });
    await page.locator("#operations-Statistics-getTopModels").click();
    await expect.poll(() => page.locator(".responses-table").count()).toBeGreaterThan(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const background = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    expect(await background()).toBe("rgb(28, 32, 34)");
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(background).not.toBe("rgb(28, 32, 34)");
    expect(errors).toEqual([]);
  });

  test("serves only those files of Swagger UI that the page needs", async ({ api }) => {
    const status = async (path: string) => (await api.ask(path)).status;
    expect(await status("/docs/swagger-ui-bundle.js")).toBe(200);
    expect(await status("/docs/index.html")).toBe(404);
    expect(await status("/docs/..%2Fpage.html")).toBe(404);
  });
});
