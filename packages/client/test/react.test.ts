import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { browserTest } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA } from "./models.ts";
import { bundleProfile, profileOn } from "./profile-page.ts";
import { scriptTag } from "./website.ts";

const hook = fileURLToPath(new URL("../src/browser/use-track-model-view.ts", import.meta.url));

const alias = { "model-views-client/react": hook };

const test = browserTest.extend<{ bundle: string }>({
  bundle: [async ({ task: _ }, use) => use(await bundleProfile({ alias })), { scope: "file" }],
});

test("a profile counts once for each mount and model, also under StrictMode", async ({
  website,
  standIn,
  visit,
  bundle,
}) => {
  website.page("/", `<body><script>${bundle}</script>`);
  await visit.page.goto(website.url);
  const profile = profileOn(visit.page);
  const options = { ingestUrl: `${standIn.url}/` };
  await profile.show(null, options);
  await profile.show(ANNA, options);
  await profile.show(ANNA, { ...options, token: "renewed" });
  await profile.show(BELLA, { ...options, token: "of Bella" });
  await profile.hide();
  await profile.show(BELLA, options);
  await profile.show(ANNA, options);
  await eventually(() => standIn.models()).toEqual([ANNA, BELLA, BELLA, ANNA]);
  expect(standIn.posts[1]?.view).toMatchObject({ path: "/", token: "of Bella" });
  expect(visit.errors).toEqual([]);
});

test("neither the profile nor the script stores anything in the browser", async ({
  website,
  standIn,
  visit,
  bundle,
}) => {
  const script = scriptTag(standIn.url, { "data-model-id": ANNA });
  website.page("/", `<body>${script}<script>${bundle}</script>`);
  await visit.page.goto(website.url);
  await profileOn(visit.page).show(BELLA, { ingestUrl: standIn.url });
  await eventually(() => standIn.models().toSorted()).toEqual([ANNA, BELLA]);
  const stored = await visit.page.evaluate(async () => [
    ...Object.keys(localStorage),
    ...Object.keys(sessionStorage),
    document.cookie,
    window.name,
    ...(await indexedDB.databases()).map(({ name }) => name),
    ...(await caches.keys()),
  ]);
  expect(stored).toEqual(["", ""]);
  expect(await visit.page.context().cookies()).toEqual([]);
});

test("a profile in the background counts when it is seen, if it is still there", async ({
  website,
  standIn,
  visit,
  bundle,
}) => {
  const turn = (visibilityState: string) => {
    Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  website.page("/", `<body><script>${bundle}</script>`);
  await visit.page.addInitScript(turn, "hidden");
  await visit.page.goto(website.url);
  const profile = profileOn(visit.page);
  await profile.show(ANNA, { ingestUrl: standIn.url });
  await profile.hide();
  await profile.show(BELLA, { ingestUrl: standIn.url });
  for (const state of ["visible", "hidden", "visible"]) await visit.page.evaluate(turn, state);
  await eventually(() => standIn.models()).toEqual([BELLA]);
});

test("a function that tracks is called once for each view, and may fail", async ({
  website,
  visit,
  bundle,
}) => {
  website.page("/", `<body><script>${bundle}</script>`);
  await visit.page.goto(website.url, { referer: "https://search.example/" });
  const profile = profileOn(visit.page);
  for (const modelId of [ANNA, BELLA]) await profile.show(modelId, { track: "note and reject" });
  await profile.hide();
  await profile.show(BELLA, { track: "note and throw" });
  expect(await profile.tracked()).toEqual([
    [ANNA, { referrer: "https://search.example/" }],
    [BELLA, { referrer: "" }],
    [BELLA, { referrer: "" }],
  ]);
  expect(visit.errors).toEqual([]);
});

test("without an address, a view goes to the website itself", async ({ website, visit, bundle }) => {
  const posted = Promise.withResolvers<string | undefined>();
  website.answer("/v1/views", (request, response) => {
    posted.resolve(request.method);
    response.writeHead(202).end();
  });
  website.page("/", `<body><script>${bundle}</script>`);
  await visit.page.goto(website.url);
  await profileOn(visit.page).show(ANNA);
  expect(await posted.promise).toBe("POST");
  expect(visit.errors).toEqual([]);
});

test("a profile accepts every spelling of a model's id, and warns once of an id that is not a UUID", async ({
  website,
  standIn,
  visit,
  bundle,
}) => {
  website.page("/", `<body><script>${bundle}</script>`);
  await visit.page.goto(website.url);
  const profile = profileOn(visit.page);
  const options = { ingestUrl: standIn.url };
  await profile.show("anna", options);
  await profile.show("bella", options);
  await profile.show(` ${ANNA.toUpperCase()}`, options);
  await profile.show(ANNA, options);
  await profile.show(BELLA, options);
  await eventually(() => standIn.models()).toEqual([ANNA, BELLA]);
  expect(visit.errors).toEqual([]);
  expect(visit.console.filter((line) => !line.includes("React DevTools"))).toEqual([
    "model-views: no UUID: anna",
  ]);
});

test("an excluded browser is not counted by a profile either, until it is included again", async ({
  website,
  standIn,
  visit,
  bundle,
}) => {
  website.page("/", `<body><script>${bundle}</script>`);
  const show = async (hash: string, modelId: string | null) => {
    await visit.page.goto("about:blank");
    await visit.page.goto(`${website.url}/${hash}`);
    await profileOn(visit.page).show(modelId, { ingestUrl: standIn.url });
  };
  await show("#model-views=ignore", null);
  await show("", ANNA);
  await show("#model-views=count", BELLA);
  await eventually(() => standIn.models()).toEqual([BELLA]);
});

test.for([
  ["on the page that was loaded", "/", [ANNA, BELLA], ["https://search.example/", ""]],
  ["after the router has changed the query", "/?tab=photos", [ANNA, BELLA], ["https://search.example/", ""]],
  ["on a later page", "/anna", [ANNA], [""]],
  ["on a later hash route", "/#/anna", [ANNA], [""]],
  ["at a place within the page that was loaded", "/#anna", [ANNA], ["https://search.example/"]],
] as const)(
  "a profile that comes from elsewhere and is first shown %s",
  async ([, path, models, referrers], { website, standIn, visit, bundle }) => {
    website.page("/", `<body><script>${bundle}</script>`);
    await visit.page.goto(website.url, { referer: "https://search.example/" });
    await visit.page.evaluate((to) => history.pushState({}, "", to), path);
    for (const modelId of models) await profileOn(visit.page).show(modelId, { ingestUrl: standIn.url });
    await eventually(() => standIn.models()).toEqual(models);
    expect(standIn.posts.map(({ view }) => view.referrer)).toEqual(referrers);
  },
);
