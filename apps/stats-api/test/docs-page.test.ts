import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { describe, expect } from "vitest";
import { findChromium } from "../../../packages/client/test/chromium.ts";
import { routeGroups } from "../src/routes/all.ts";
import { ANNA } from "../src/routes/example-data.ts";
import { test as base } from "./api.ts";
import { recordExampleData } from "./openapi/example-data.ts";

/** No name of this machine, as a colleague's browser sees it: what is allowed for localhost alone does not work. */
const HOST = "views.test";

/** Headers of helmet's that a browser does not heed without TLS, and says so. */
const IGNORED_HEADERS = /Cross-Origin-Opener-Policy header|Origin-Agent-Cluster header/;

/** What a page asked for, and what it complained of. */
type Seen = { page: Page; urls: string[]; complaints: string[] };

/** Without a key, that name would not be let in. */
const withKeys = base.extend({ keys: { mayRead: () => true, mayChange: () => true } });

const test = withKeys.extend<{ open: (path: string, look?: BrowserContextOptions) => Promise<Seen> }>({
  open: async ({ api }, use) => {
    const { port } = new URL((await api.ask("/livez")).url);
    const { path: executablePath, args, env } = await findChromium();
    const rules = `--host-resolver-rules=MAP ${HOST} 127.0.0.1`;
    const browser = await chromium.launch({ executablePath, args: [...args, rules], env });
    await use(async (path, look = {}) => {
      const page = await browser.newPage(look);
      const [urls, complaints] = [[] as string[], [] as string[]];
      page.on("request", (request) => urls.push(request.url()));
      page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        const isTold = ["error", "warning"].includes(message.type()) && !IGNORED_HEADERS.test(message.text());
        if (isTold) complaints.push(message.text());
      });
      await page.goto(`http://${HOST}:${port}${path}`);
      return { page, urls, complaints };
    });
    await browser.close();
  },
});

describe("GET /docs", () => {
  test("lists the operations and asks one, with nothing from elsewhere and no complaint", async ({
    db,
    open,
  }) => {
    await recordExampleData(db);
    const { page, urls, complaints } = await open("/docs");
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
    expect(complaints).toEqual([]);
  });

  test("is dark where the system is, and a phone shows all of its width", async ({ open }) => {
    const { page, complaints } = await open("/docs", {
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
    expect(complaints).toEqual([]);
  });

  test("has nothing of Swagger UI but what the page needs", async ({ api }) => {
    const status = async (path: string) => (await api.ask(path)).status;
    expect(await status("/docs/swagger-ui-bundle.js")).toBe(200);
    expect(await status("/docs/index.html")).toBe(404);
    expect(await status("/docs/..%2Fpage.html")).toBe(404);
  });
});
