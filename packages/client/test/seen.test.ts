import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { browserTest } from "./browser-fixtures.ts";
import { findChromium } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, modelsUntilLast } from "./models.ts";
import { scriptTag } from "./website.ts";

/** `openBrowser` opens an address in a browser without Playwright: a controlled browser does not prerender. */
const test = browserTest.extend<{ openBrowser: (url: string) => Promise<void> }>({
  openBrowser: async ({ task: _ }, use) => {
    const { path, args, env } = await findChromium();
    const profile = await mkdtemp(join(tmpdir(), "model-views-browser-"));
    const closing: (() => Promise<unknown>)[] = [];
    await use(async (url) => {
      // The unused port for debugging keeps the browser open.
      const own = ["--headless", "--no-first-run", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
      const browser = spawn(path, [...args, ...own, url], { env, stdio: "ignore" });
      const gone = once(browser, "exit");
      closing.push(() => {
        browser.kill("SIGKILL");
        return gone;
      });
      await once(browser, "spawn");
    });
    await Promise.all(closing.map((close) => close()));
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  },
});

/** Hides or shows the page, as changing to another tab does. */
function turn(visibilityState: string): void {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

describe("a page", () => {
  test("that opens in the background counts when it is looked at", async ({ website, standIn, visit }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    await visit.page.addInitScript(turn, "hidden");
    await visit.page.goto(website.url);
    await visit.page.evaluate((bella) => {
      document.querySelector("script")?.setAttribute("data-model-id", bella);
    }, BELLA);
    await visit.page.evaluate(turn, "visible");
    expect(await modelsUntilLast(visit.page, standIn), "and only what is seen").toEqual([BELLA]);
  });

  test("counts once, when its tab is left and comes back several times", async ({
    website,
    standIn,
    visit,
  }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    await visit.page.goto(website.url);
    for (const state of ["hidden", "visible", "hidden", "visible"]) {
      await visit.page.evaluate(turn, state);
    }
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([ANNA]);
  });

  test("that comes back from the back/forward cache does not count again", async ({
    website,
    standIn,
    visit,
  }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    await visit.page.goto(website.url);
    // The headless browser has no such cache, so its events come by hand.
    await visit.page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    });
    await visit.page.evaluate(turn, "hidden");
    await visit.page.evaluate(turn, "visible");
    await visit.page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    });
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([ANNA]);
  });

  test("that is prerendered, and visible already, waits until it is opened", async ({
    website,
    standIn,
    visit,
  }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    const draw = (prerendering: boolean) => {
      Object.defineProperty(document, "prerendering", { value: prerendering, configurable: true });
      document.dispatchEvent(new Event(prerendering ? "visibilitychange" : "prerenderingchange"));
    };
    await visit.page.addInitScript(draw, true);
    await visit.page.goto(website.url);
    await visit.page.evaluate(draw, true);
    await visit.page.evaluate((bella) => {
      document.querySelector("script")?.setAttribute("data-model-id", bella);
    }, BELLA);
    await visit.page.evaluate(draw, false);
    expect(await modelsUntilLast(visit.page, standIn), "and only what is seen").toEqual([BELLA]);
  });

  test("that the browser prerenders counts once, when it is opened", async ({
    website,
    standIn,
    openBrowser,
  }) => {
    const rules = JSON.stringify({
      prerender: [{ source: "list", urls: ["/anna"], eagerness: "immediate" }],
    });
    const drawn = Promise.withResolvers<boolean>();
    website.page(
      "/",
      `<script type="speculationrules">${rules}</script>
       <script>fetch("/is-drawn").then(() => location.href = "/anna")</script>`,
    );
    // Bella is shown after Anna was counted: a second view of Anna would come before.
    website.page(
      "/anna",
      `${scriptTag(standIn.url, { "data-model-id": ANNA })}
       <script>
         const ahead = document.prerendering;
         addEventListener("load", () => fetch("/drawn?ahead=" + ahead));
         document.addEventListener("prerenderingchange", () => fetch("/is-counted").then(() =>
           document.querySelector("script").dataset.modelId = "${BELLA}"));
       </script>`,
    );
    let viewsWhileDrawn = -1;
    website.answer("/drawn", (request, response) => {
      viewsWhileDrawn = standIn.posts.length;
      drawn.resolve(request.url === "/drawn?ahead=true");
      response.end();
    });
    website.answer("/is-drawn", (_, response) => void drawn.promise.then(() => response.end()));
    website.answer("/is-counted", (_, response) => {
      void standIn.posted().then(() => response.end());
    });
    await openBrowser(website.url);
    expect(await drawn.promise, "prerendered").toBe(true);
    await eventually(() => standIn.models()).toEqual([ANNA, BELLA]);
    expect(viewsWhileDrawn).toBe(0);
  });
});
