import { describe, expect } from "vitest";
import { bundleTracker } from "../build/bundle-tracker.ts";
import { browserTest } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, modelsUntilLast, painted } from "./models.ts";

/** Longer than the script waits for a model to be named. */
const NAMED_WITHIN_MS = 5_000;
const A = `data-model-id="${ANNA}"`;
const main = `<main ${A}>Anna</main>`;

/** How a page gets the script, given where it is and what is in it. */
type Installation = (script: { src: string; endpoint: string; code: string }) => string;

const test = browserTest.extend<{ code: string }>({
  code: [async ({ task: _ }, use) => use(await bundleTracker()), { scope: "file" }],
});

/** What a tag manager does: only the address of the tag is left. */
function inject(src: string, rest = ""): string {
  return `<script>
    const script = document.createElement("script");
    script.src = "${src}";
    ${rest}
    document.head.append(script);
  </script>`;
}

describe("the script counts", () => {
  const installations: [string, Installation][] = [
    ["as a module", ({ src }) => `<script type="module" src="${src}" ${A}></script>`],
    [
      "as a module with an address to post to, where an element names the model",
      ({ src, endpoint }) =>
        `<script type="module" src="${src}" data-endpoint="${endpoint}"></script>${main}`,
    ],
    ["inlined", ({ endpoint, code }) => `<script data-endpoint="${endpoint}" ${A}>${code}</script>`],
    [
      "inlined as a module",
      ({ endpoint, code }) => `<script type="module" data-endpoint="${endpoint}" ${A}>${code}</script>`,
    ],
    [
      "in a bundle of the website, whose tag has the address to post to",
      ({ endpoint }) => `<script type="module" src="/bundle.js" data-endpoint="${endpoint}"></script>${main}`,
    ],
    ["put in by a tag manager, where an element names the model", ({ src }) => inject(src) + main],
    [
      "put in by a tag manager, asynchronously, where an element names the model",
      ({ src }) => inject(src, "script.async = true;") + main,
    ],
    [
      "put in by a tag manager that keeps the attributes",
      ({ src }) => inject(src, `script.dataset.modelId = "${ANNA}";`),
    ],
    [
      "put in by a script that takes the tag out again",
      ({ src }) => inject(src, `script.onload = () => script.remove(); script.dataset.modelId = "${ANNA}";`),
    ],
  ];

  test.for(installations)("%s", async ([, install], { website, standIn, visit, code }) => {
    const src = `${standIn.url}/tracker.js`;
    website.answer("/bundle.js", (_, response) => {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(`${code};export {};`);
    });
    website.page("/", `<body>${install({ src, endpoint: `${standIn.url}/v1/views`, code })}`);
    await visit.page.clock.install();
    await visit.page.goto(website.url);
    await eventually(() => standIn.models()).toEqual([ANNA]);
    await visit.page.clock.runFor(NAMED_WITHIN_MS);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });
});

describe("the script logs once on the console why it cannot count", () => {
  const withoutEndpoint = "model-views: no data-endpoint";
  const withoutModel = "model-views: no data-model-id";
  const installations: [string, string, Installation][] = [
    [
      "as a module without attributes",
      withoutEndpoint,
      ({ src }) => `<script type="module" src="${src}"></script>${main}`,
    ],
    ["inlined without an address", withoutEndpoint, ({ code }) => `<script ${A}>${code}</script>`],
    ["in a bundle", withoutEndpoint, () => `<script type="module" src="/bundle.js"></script>${main}`],
    ["put in by a tag manager, where nothing names a model", withoutModel, ({ src }) => inject(src)],
    [
      "put in by a tag manager, asynchronously, where nothing names a model",
      withoutModel,
      ({ src }) => inject(src, "script.async = true;"),
    ],
    ...["anna", "42", "undefined", "{{ model.id }}", ANNA.replaceAll("-", ""), `{${ANNA}}`].map<
      [string, string, Installation]
    >((id) => [
      `with the model id ${id}`,
      `model-views: no UUID: ${id.toLowerCase()}`,
      ({ src }) => `<script async src="${src}" data-model-id="${id}"></script>`,
    ]),
    [
      "with elements whose ids are not UUIDs",
      "model-views: no UUID: 1",
      ({ src }) =>
        `<script async src="${src}"></script><p data-model-id="1">One</p><p data-model-id="2">Two</p>`,
    ],
  ];

  test.for(installations)("%s", async ([, warning, install], { website, standIn, visit, code }) => {
    website.answer("/bundle.js", (_, response) => {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(`${code};export {};`);
    });
    const script = { src: `${standIn.url}/tracker.js`, endpoint: "", code };
    website.page("/", `<body>${install(script)}<h1>Anna</h1>`);
    await visit.page.clock.install();
    await visit.page.goto(website.url);
    for (const path of ["/a", "/b"]) {
      await visit.page.clock.runFor(NAMED_WITHIN_MS);
      await visit.page.evaluate((to) => {
        history.pushState({}, "", to);
        document.querySelector("h1")?.replaceChildren(to);
      }, path);
    }
    await eventually(() => visit.console).toEqual([warning]);
    expect([visit.errors, standIn.posts]).toEqual([[], []]);
  });
});

describe("the script logs nothing on a page without a model, and counts the next page with one", () => {
  test.for<[string, (src: string) => string]>([
    ["in the tag for the whole website", (src) => `<script async src="${src}" data-model-id=""></script>`],
    ["in a tag whose model is named later", (src) => `<script src="${src}" data-model-id=""></script>`],
    ["from next/script", (src) => inject(src, `script.dataset.nscript = "afterInteractive";`)],
  ])("%s", async ([, install], { website, standIn, visit }) => {
    website.page("/", `<body>${install(`${standIn.url}/tracker.js`)}<main>Models</main>`);
    await visit.page.clock.install();
    await visit.page.goto(website.url);
    await painted(visit.page);
    await visit.page.clock.runFor(NAMED_WITHIN_MS);
    await visit.page.evaluate((bella) => {
      history.pushState({}, "", "/b");
      document.querySelector("main")?.setAttribute("data-model-id", bella);
    }, BELLA);
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([BELLA]);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });
});
