import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, painted } from "./models.ts";
import type { CountedBy } from "./pages/kept-pages.tsx";
import { bundleProfile } from "./profile-page.ts";
import { scriptTag } from "./website.ts";

const hook = fileURLToPath(new URL("../src/browser/use-track-model-view.ts", import.meta.url));

const test = browserTest.extend<{ bundle: string }>({
  bundle: [
    // biome-ignore lint/correctness/noEmptyPattern: a fixture that needs no other has this form
    async ({}, use) =>
      use(await bundleProfile({ page: "kept-pages", alias: { "model-views-client/react": hook } })),
    { scope: "file" },
  ],
});

type Options = { countedBy: CountedBy; isStrict: boolean; ingestUrl: string };

/** Goes to a page, and resolves when it is shown and was painted. */
async function goTo(page: Page, shown: string, options: Options): Promise<void> {
  await page.evaluate((props) => Reflect.get(window, "goTo")(props), { shown, ...options });
  await page.getByRole("heading", { name: shown, exact: true }).waitFor();
  await painted(page);
}

test.for([
  ["hook", "under StrictMode", true],
  ["hook", "without StrictMode", false],
  ["component", "under StrictMode", true],
  ["component", "without StrictMode", false],
  ["element", "under StrictMode", true],
] as const)(
  "pages that <Activity> hides and shows again count each time they are shown, by %s, %s",
  async ([countedBy, , isStrict], { website, standIn, visit, bundle }) => {
    const tag = countedBy === "element" ? scriptTag(standIn.url, {}) : "";
    website.page("/", `<body>${tag}<script>${bundle}</script>`);
    await visit.page.goto(website.url);
    const options = { countedBy, isStrict, ingestUrl: standIn.url };
    for (const path of ["/a", "/list", "/a", "/list", "/b", "/list", "/a"]) {
      await goTo(visit.page, path, options);
    }
    await eventually(() => standIn.models()).toEqual([ANNA, ANNA, BELLA, ANNA]);
    expect(visit.errors).toEqual([]);
  },
);
