import { describe, expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, modelsUntilLast } from "./models.ts";
import { scriptTag } from "./website.ts";

/** Longer than the script waits for a changing page. */
const SETTLE_MS = 100;

/** A step of an application, which changes its page without loading another. */
type Step =
  /** Changes the address, as a router does. */
  | ["push" | "replace", path: string]
  /** Replaces the page by that of a model, or by one without a model. */
  | ["draw", modelId?: string | undefined]
  /** Names a model by the script tag, or none. */
  | ["name", modelId?: string]
  /** Replaces the first script tag by another, or adds one. The new tag does not run. */
  | ["replace tag" | "add tag", modelId?: string | undefined]
  | ["leave"]
  /** Advances the clock until the script has checked the page. */
  | ["settle"];

const settle: Step = ["settle"];

/** A page of an application, and how to get there: the address first. */
function goTo(path: string, modelId?: string): Step[] {
  return [["push", path], ["draw", modelId], settle];
}

/** The steps of an application from its page `/`, which shows no model, and the views that follow. */
const walks: [string, Step[], string[]][] = [
  [
    "from model to model and back",
    [...goTo("/a", ANNA), ...goTo("/b", BELLA), ...goTo("/a", ANNA)],
    [ANNA, BELLA, ANNA],
  ],
  [
    "to a page without a model and back",
    [...goTo("/a", ANNA), ...goTo("/about"), ...goTo("/a", ANNA)],
    [ANNA, ANNA],
  ],
  [
    "to a new address, whose page comes later",
    // The page of Anna is drawn once more under the address of Bella.
    [...goTo("/a", ANNA), ["push", "/b"], ["draw", ANNA], settle, ["draw"], settle, ["draw", BELLA], settle],
    [ANNA, BELLA],
  ],
  [
    "to a page that is there before its address",
    [...goTo("/a", ANNA), ["draw", BELLA], settle, ["push", "/b"], ["draw", BELLA], settle],
    [ANNA, BELLA],
  ],
  [
    "nowhere, but draws the page again, and is empty for a while",
    [...goTo("/a", ANNA), ["draw", ANNA], settle, ["draw"], settle, ["draw", ANNA], settle],
    [ANNA],
  ],
  [
    "through the tabs of one profile",
    [
      ...goTo("/a", ANNA),
      ...["/a?tab=photos", "/a#top", "/a/videos"].flatMap<Step>((path) => [
        ["replace", path],
        ["draw", ANNA],
        settle,
      ]),
    ],
    [ANNA],
  ],
  [
    "from model to model by the attribute of the script tag",
    [
      ["push", "/a"],
      ["name", ANNA],
      settle,
      ["push", "/b"],
      ["name", BELLA],
      settle,
      ["push", "/about"],
      ["name"],
      settle,
      ["push", "/b"],
      ["name", BELLA],
      settle,
    ],
    [ANNA, BELLA, BELLA],
  ],
  [
    "to a profile of the script tag that shows other models too, and on to one of an element",
    [["name", ANNA], ["draw", BELLA], settle, ...goTo("/b", BELLA)],
    [ANNA, BELLA],
  ],
  [
    "from tag to tag, each in the place of the one before",
    [
      ...[ANNA, undefined, BELLA, undefined, ANNA].flatMap<Step>((modelId, index) => [
        ["push", `/${index}`],
        ["replace tag", modelId],
        settle,
      ]),
    ],
    [ANNA, BELLA, ANNA],
  ],
  [
    "from tag to tag, which all stay, and back to what a tag has named before",
    [
      ["push", "/a"],
      ["add tag", ANNA],
      settle,
      ...goTo("/list"),
      ["push", "/b"],
      ["add tag", BELLA],
      settle,
      ...goTo("/list"),
      ...goTo("/a"),
      ...goTo("/a?from=b"),
      ...goTo("/list"),
      ...goTo("/a?from=list"),
    ],
    [ANNA, BELLA, ANNA, ANNA],
  ],
  [
    "from tag to tag, which all stay, where only the query distinguishes the pages",
    [
      ["push", "/?m=a"],
      ["add tag", ANNA],
      settle,
      ...goTo("/?m=list"),
      ["push", "/?m=b"],
      ["add tag", BELLA],
      settle,
      ...goTo("/?m=list"),
      ...goTo("/?m=a"),
      ...goTo("/?m=list"),
    ],
    [ANNA, BELLA, ANNA],
  ],
  [
    "to the model that its tag named before under another path",
    [
      ["push", "/a"],
      ["name", ANNA],
      settle,
      ["push", "/list"],
      ["name"],
      settle,
      ["push", "/new/a"],
      ["name", ANNA],
      settle,
    ],
    [ANNA, ANNA],
  ],
  ...["/#/", "/#!", "/?m=", "/x?lang=de&m=", "/?lang=de#/"].flatMap<[string, Step[], string[]]>((route) => [
    [
      `through routes like ${route}a, by elements`,
      [
        ...goTo(`${route}a`, ANNA),
        ...goTo(`${route}list`),
        ...goTo(`${route}a`, ANNA),
        ...goTo(`${route}b`, BELLA),
        ...goTo(`${route}a`, ANNA),
      ],
      [ANNA, ANNA, BELLA, ANNA],
    ],
    [
      `through routes like ${route}a, by an element where the tag keeps the first model`,
      [
        ["push", `${route}a`],
        ["name", ANNA],
        settle,
        ...goTo(`${route}b`, BELLA),
        ...goTo(`${route}a`, ANNA),
        ...goTo(`${route}b`, BELLA),
      ],
      [ANNA, BELLA, ANNA, BELLA],
    ],
  ]),
  ...["/#/", "/#!", "/?lang=de#/"].map<[string, Step[], string[]]>((route) => [
    `through routes like ${route}a, where nothing but the tag names a model`,
    [["push", `${route}a`], ["name", ANNA], settle, ...goTo(`${route}list`), ...goTo(`${route}a`)],
    [ANNA, ANNA],
  ]),
  [
    "through the tabs of one profile, which are empty for a while",
    [
      ...goTo("/a", ANNA),
      ...["/a?tab=photos", "/a?tab=photos&sort=new", "/a/videos", "/a"].flatMap<Step>((path) => [
        ["push", path],
        settle,
        ["draw"],
        settle,
        ["draw", ANNA],
        settle,
      ]),
    ],
    [ANNA],
  ],
  [
    "through the tabs of one profile, which its tag alone names",
    [
      ["push", "/a"],
      ["name", ANNA],
      settle,
      ...["/a?tab=photos", "/a?tab=photos&utm_source=mail", "/a"].flatMap((path) => goTo(path)),
    ],
    [ANNA],
  ],
  [
    "through the tabs of a hash route, which its tag alone names",
    [["push", "/#/a"], ["name", ANNA], settle, ...goTo("/#/a?tab=photos"), ...goTo("/#/a")],
    [ANNA],
  ],
  [
    "through the tabs of a profile of two models",
    [
      ["push", "/ab"],
      ["add tag", ANNA],
      ["add tag", BELLA],
      settle,
      ...goTo("/ab?tab=photos"),
      ...goTo("/ab"),
    ],
    [ANNA, BELLA],
  ],
  [
    "to places within a page, where its model is drawn again",
    [
      ...goTo("/a", ANNA),
      ["push", "/a#photos"],
      ["draw"],
      settle,
      ["push", "/a#videos"],
      ["draw", ANNA],
      settle,
    ],
    [ANNA],
  ],
  ["to a model, and is left before the page has settled", [["draw", ANNA], ["leave"], ["draw"]], [ANNA]],
];

describe("an application that goes", () => {
  test.for(walks)("%s", async ([, steps, views], { website, standIn, visit: { page, errors, console } }) => {
    website.page("/", `<body>${scriptTag(standIn.url, {})}<main></main></body>`);
    await page.clock.install();
    await page.goto(website.url);
    for (const step of steps) {
      if (step[0] === "settle") await page.clock.runFor(SETTLE_MS);
      else await page.evaluate(take, step);
    }
    expect(await modelsUntilLast(page, standIn)).toEqual(views);
    expect([errors, console]).toEqual([[], []]);
  });

  function take([kind, value]: Step): void {
    const script = document.querySelector("script");
    if (kind === "push") history.pushState({}, "", value);
    if (kind === "replace") history.replaceState({}, "", value);
    if (kind === "name" && value === undefined) script?.removeAttribute("data-model-id");
    if (kind === "name" && value !== undefined) script?.setAttribute("data-model-id", value);
    if (kind === "replace tag" || kind === "add tag") {
      const tag = script?.cloneNode() as HTMLScriptElement;
      if (value === undefined) delete tag.dataset["modelId"];
      else tag.dataset["modelId"] = value;
      if (kind === "add tag") document.body.append(tag);
      else script?.replaceWith(tag);
    }
    if (kind === "leave") dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    if (kind === "draw") {
      const drawn = document.createElement("article");
      if (value !== undefined) drawn.dataset["modelId"] = value;
      document.querySelector("main")?.replaceChildren(drawn);
    }
  }
});

test("a view after navigation has the address, no referrer, and the token of its element", async ({
  website,
  standIn,
  visit,
}) => {
  website.page("/a", `<body>${scriptTag(standIn.url, { "data-model-id": ANNA, "data-token": "of Anna" })}`);
  await visit.page.goto(`${website.url}/a?utm_source=mail`, { referer: "https://mail.example/" });
  await eventually(() => standIn.posts).toHaveLength(1);
  await visit.page.evaluate((bella) => {
    history.pushState({}, "", "/b?x=1");
    document.body.insertAdjacentHTML("beforeend", `<p data-model-id="${bella}" data-token="of Bella">`);
  }, BELLA);
  await eventually(() => standIn.posts).toHaveLength(2);
  expect(standIn.posts.map(({ view }) => view)).toMatchObject([
    { path: "/a?utm_source=mail", referrer: "https://mail.example/", token: "of Anna" },
    { path: "/b?x=1", referrer: "", token: "of Bella" },
  ]);
});

test("going back in the history shows a model again", async ({ website, standIn, visit }) => {
  website.page("/a", `<body>${scriptTag(standIn.url, {})}<main data-model-id="${ANNA}"></main>`);
  await visit.page.goto(`${website.url}/a`);
  await eventually(() => standIn.models()).toEqual([ANNA]);
  await visit.page.evaluate((bella) => {
    const main = document.querySelector("main");
    addEventListener("popstate", ({ state }) => main?.setAttribute("data-model-id", state.model));
    history.replaceState({ model: main?.dataset["modelId"] }, "");
    history.pushState({ model: bella }, "", "/b");
    main?.setAttribute("data-model-id", bella);
  }, BELLA);
  await eventually(() => standIn.models()).toEqual([ANNA, BELLA]);
  await visit.page.goBack();
  await eventually(() => standIn.models()).toEqual([ANNA, BELLA, ANNA]);
});
