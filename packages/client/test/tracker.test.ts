import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA, BELLA, modelsUntilLast } from "./models.ts";
import { scriptTag } from "./website.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("a page with the script", () => {
  test("posts one view of its model, as text, with cookies and without a preflight", async ({
    website,
    standIn,
    visit,
  }) => {
    website.page("/", `<a href="/anna?utm_source=home">Anna</a>`);
    website.page("/anna", scriptTag(standIn.url, { "data-model-id": ANNA, "data-token": "signed" }));
    await visit.page.context().addCookies([{ name: "viewer_id", value: "v", url: standIn.url }]);
    await visit.page.goto(`${website.url}/`);
    await visit.page.click("a");
    await eventually(() => standIn.posts).toHaveLength(1);
    const { view, headers } = standIn.posts[0] ?? expect.fail();
    expect(view).toEqual({
      modelId: ANNA,
      id: expect.stringMatching(UUID),
      viewedAt: expect.any(String),
      referrer: `${website.url}/`,
      path: "/anna?utm_source=home",
      token: "signed",
      automated: false,
    });
    expect(Math.abs(Date.parse(view.viewedAt) - Date.now())).toBeLessThan(10_000);
    expect(new Date(view.viewedAt).toISOString()).toBe(view.viewedAt);
    expect(headers).toMatchObject({
      "content-type": "text/plain;charset=UTF-8",
      "sec-fetch-mode": "cors",
      origin: website.url,
      cookie: "viewer_id=v",
    });
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([ANNA]);
    expect(standIn.requests.filter((request) => request.startsWith("OPTIONS"))).toEqual([]);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });

  test("posts to the address in data-endpoint", async ({ website, standIn, visit }) => {
    const tag = scriptTag(standIn.url, { "data-model-id": ANNA, "data-endpoint": "/views-of-ours" });
    website.page("/", tag);
    const posted = new Promise<string | undefined>((resolve) => {
      website.answer("/views-of-ours", (request, response) => {
        response.writeHead(202).end();
        resolve(request.method);
      });
    });
    await visit.page.goto(website.url);
    expect(await posted).toBe("POST");
  });

  test("sends a long path in full", async ({ website, standIn, visit }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    await visit.page.goto(`${website.url}/?${"x".repeat(5_000)}`);
    await eventually(() => standIn.posts).toHaveLength(1);
    expect(standIn.posts[0]?.view.path).toHaveLength(5_002);
  });

  test("counts once when the script is there twice, and each model when two are named", async ({
    website,
    standIn,
    visit,
  }) => {
    const anna = scriptTag(standIn.url, { "data-model-id": ANNA });
    website.page("/", anna + anna + scriptTag(standIn.url, { "data-model-id": BELLA }));
    await visit.page.goto(website.url);
    await eventually(() => standIn.models()).toEqual([ANNA, BELLA]);
  });

  test("reports a browser that software controls", async ({ website, standIn, visit }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    await visit.page.addInitScript(() => Object.defineProperty(navigator, "webdriver", { value: true }));
    await visit.page.goto(website.url);
    await eventually(() => standIn.posts).toHaveLength(1);
    expect(standIn.posts[0]?.view.automated).toBe(true);
  });

  test("accepts every spelling of a model's id as the same model", async ({ website, standIn, visit }) => {
    const spellings = [ANNA.toUpperCase(), ` ${ANNA}`, `\n  ${ANNA}\t`, ANNA];
    const tags = spellings.map((spelling) => scriptTag(standIn.url, { "data-model-id": spelling }));
    website.page("/", `<body>${tags.join("")}<main data-model-id=" ${ANNA.toUpperCase()} "></main>`);
    await visit.page.goto(website.url);
    await visit.page.evaluate(() => {
      history.pushState({}, "", "/?tab=photos");
      document.querySelector("main")?.replaceChildren("drawn again");
    });
    expect(await modelsUntilLast(visit.page, standIn)).toEqual([ANNA]);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });

  test("is ready while ingest hangs, with the tag that the documentation gives", async ({
    website,
    visit,
  }) => {
    website.answer("/model-views.js", () => {});
    const documents = ["../README.md", "../../../README.md", "../../../docs/first-party.md"];
    const tags = await Promise.all(documents.map(tagOf));
    website.page("/", `${tags.join("")}<h1>Anna</h1><script type="module">document.title = "ready"</script>`);
    await visit.page.goto(website.url, { waitUntil: "domcontentloaded" });
    expect(await visit.page.title()).toBe("ready");
  });

  test("posts when it is left at once", async ({ website, standIn, visit }) => {
    // `load` comes when the script has run.
    const leave = `<script>addEventListener("load", () => location.replace("/next"))</script>`;
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }) + leave);
    website.page("/next", "Somewhere else");
    await visit.page.goto(website.url);
    await visit.page.waitForURL("**/next");
    await eventually(() => standIn.models()).toEqual([ANNA]);
  });

  test("posts when its tab is closed at once", async ({ website, standIn, visit }) => {
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }));
    await visit.page.goto(website.url, { waitUntil: "load" });
    await visit.page.close();
    await eventually(() => standIn.models()).toEqual([ANNA]);
  });

  test.for(["no-referrer", "same-origin", "strict-origin-when-cross-origin"])(
    "sends its origin under the referrer policy %s",
    async (policy, { website, standIn, visit }) => {
      website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }), { "Referrer-Policy": policy });
      await visit.page.goto(website.url);
      await eventually(() => standIn.posts).toHaveLength(1);
      expect(standIn.posts[0]?.headers.origin).toBe(website.url);
    },
  );

  test("needs only its two addresses in a strict Content-Security-Policy", async ({
    website,
    standIn,
    visit,
  }) => {
    const policy = [
      "default-src 'none'",
      `script-src ${standIn.url}`,
      `connect-src ${standIn.url}`,
      "img-src data:",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join("; ");
    const headers = { "Content-Security-Policy": policy };
    website.page("/", scriptTag(standIn.url, { "data-model-id": ANNA }), headers);
    await visit.page.goto(website.url);
    await eventually(() => standIn.models()).toEqual([ANNA]);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });
});

/** Makes the script check the page again, at once. */
function lookAgain(): void {
  dispatchEvent(new Event("hashchange"));
}

describe("the script never throws into the page", () => {
  const spoiled = [
    ["there is no way to post", () => Object.assign(window, { fetch: undefined })],
    ["there is no crypto", () => Reflect.deleteProperty(window, "crypto")],
    ["there are no blobs", () => Reflect.deleteProperty(window, "Blob")],
    ["its name on the window is taken", () => Object.assign(window, { modelViews: "taken" })],
    [
      "JSON is spoiled",
      () =>
        Object.assign(JSON, {
          stringify() {
            throw new Error("spoiled");
          },
        }),
    ],
  ] as const;
  const tags = [
    ["names no model", {}],
    ["names an empty model", { "data-model-id": "" }],
    ["has an invalid address", { "data-model-id": ANNA, "data-endpoint": "http://" }],
    ["has an address that cannot be posted to", { "data-model-id": ANNA, "data-endpoint": "data:," }],
  ] as const;

  test.for(spoiled)("when %s", async ([, spoil], { website, standIn, visit }) => {
    website.page(
      "/",
      `${scriptTag(standIn.url, { "data-model-id": ANNA })}<script>window.after = 1</script>`,
    );
    await visit.page.addInitScript(spoil);
    await visit.page.goto(website.url);
    await eventually(() => visit.page.evaluate(() => Reflect.get(window, "after"))).toBe(1);
    await visit.page.evaluate(lookAgain);
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });

  test.for(tags)("when its tag %s", async ([, attributes], { website, standIn, visit }) => {
    website.page("/", scriptTag(standIn.url, attributes));
    await visit.page.goto(website.url);
    await visit.page.evaluate(lookAgain);
    await visit.page.goto("about:blank");
    expect(visit.errors).toEqual([]);
  });

  test("when nothing listens at the address", async ({ website, standIn, visit }) => {
    const tag = scriptTag(standIn.url, { "data-model-id": ANNA, "data-endpoint": "http://127.0.0.1:9" });
    website.page("/", tag);
    const failed = visit.page.waitForEvent("requestfailed");
    await visit.page.goto(website.url);
    await failed;
    expect(visit.errors).toEqual([]);
  });
});

/** The first script tag of a document, with the script from the page's own host. */
async function tagOf(document: string): Promise<string> {
  const text = await readFile(new URL(document, import.meta.url), "utf8");
  const [tag = expect.fail(`no tag in ${document}`)] =
    text.match(/<script [^>]*model-views\.js[^>]*><\/script>/) ?? [];
  return tag.replace(/src="[^"]*"/, `src="/model-views.js"`);
}
