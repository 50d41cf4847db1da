import { describe, expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, painted } from "./models.ts";
import { scriptTag } from "./website.ts";

/** Shows a model under another address, as a router does. */
function showModel([modelId, path]: readonly [modelId: string, path: string]): void {
  history.pushState({}, "", path);
  const main = document.querySelector("main");
  if (main) main.dataset["modelId"] = modelId;
}

describe("a visitor who came from elsewhere", () => {
  const OUTSIDE = "https://search.example/";

  test.for([
    ["another path", "/list", "/a"],
    ["another hash route", "/list#/", "/list#/a"],
    ["another query", "/list?page=1", "/list?model=a"],
  ] as const)(
    "and reaches a model by %s, came to it from this website",
    async ([, list, path], { website, standIn, visit }) => {
      website.page("/list", `<body>${scriptTag(standIn.url, {})}<main>Models</main>`);
      await visit.page.goto(`${website.url}${list}`, { referer: OUTSIDE });
      await painted(visit.page);
      await visit.page.evaluate(showModel, [ANNA, path] as const);
      await eventually(() => standIn.models()).toEqual([ANNA]);
      expect(standIn.posts[0]?.view.referrer).toBe("");
    },
  );

  test("came to the first model from there, also when it is drawn late, and to the next from this website", async ({
    website,
    standIn,
    visit,
  }) => {
    website.page("/a", `<body>${scriptTag(standIn.url, {})}<main>Loading</main>`);
    await visit.page.goto(`${website.url}/a`, { referer: OUTSIDE });
    await painted(visit.page);
    await visit.page.evaluate(showModel, [ANNA, "/a#photos"] as const);
    await eventually(() => standIn.models()).toEqual([ANNA]);
    // As where a profile opens in a window within the page.
    await visit.page.evaluate(showModel, [BELLA, "/a#photos"] as const);
    await eventually(() => standIn.models()).toEqual([ANNA, BELLA]);
    expect(standIn.posts.map(({ view }) => view.referrer)).toEqual([OUTSIDE, ""]);
  });
});
