import { expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA } from "./models.ts";
import { scriptTag } from "./website.ts";

/** Takes away what browsers of 2017 did not have, as far as a script might want to use it. */
function makeOld(): void {
  const newer: [object, string[]][] = [
    [window, ["navigation", "globalThis", "structuredClone", "queueMicrotask", "reportError", "scheduler"]],
    [window, ["AbortController", "ResizeObserver", "CSSStyleSheet", "NavigateEvent"]],
    [Navigator.prototype, ["globalPrivacyControl", "sendBeacon", "userAgentData", "locks", "userActivation"]],
    [Document.prototype, ["prerendering", "wasDiscarded", "startViewTransition", "hasStorageAccess"]],
    [Element.prototype, ["checkVisibility", "replaceChildren", "toggleAttribute", "getHTML", "setHTML"]],
    [Node.prototype, ["isConnected", "getRootNode"]],
    [crypto, ["randomUUID"]],
    [Crypto.prototype, ["randomUUID"]],
    [Array.prototype, ["at", "flat", "flatMap", "findLast", "toSorted", "toReversed", "with"]],
    [String.prototype, ["at", "replaceAll", "matchAll", "trimStart", "trimEnd", "isWellFormed"]],
    [Object, ["fromEntries", "hasOwn", "groupBy"]],
    [Promise, ["allSettled", "any", "withResolvers", "try"]],
    [Promise.prototype, ["finally"]],
    [URL, ["parse", "canParse"]],
    [Request.prototype, ["keepalive"]],
    [RegExp.prototype, ["dotAll", "matchAll"]],
  ];
  for (const [owner, names] of newer) for (const name of names) Reflect.deleteProperty(owner, name);
}

/** Goes from page to page by itself: what drives the browser needs what was taken away. */
function walk(pages: (readonly [path: string, modelId: string])[]): void {
  const [page, ...rest] = pages;
  if (!page) return;
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      history.pushState({}, "", page[0]);
      const main = document.querySelector("main");
      if (main) main.dataset["modelId"] = page[1];
      walk(rest);
    });
  });
}

test("a browser of 2017 counts", async ({ website, standIn, visit }) => {
  const pages = [
    ["/list", ""],
    ["/bella", BELLA],
    ["/anna", ""],
  ];
  const walking = `<script>${walk}; addEventListener("load", () => walk(${JSON.stringify(pages)}))</script>`;
  const tag = scriptTag(standIn.url, { "data-model-id": ANNA });
  website.page("/anna", `<body>${tag}<main></main>${walking}`);
  await visit.page.addInitScript(makeOld);
  await visit.page.goto(`${website.url}/anna`);
  await eventually(() => standIn.models()).toEqual([ANNA, BELLA, ANNA]);
  expect([visit.errors, visit.console]).toEqual([[], []]);
});
