import { describe, expect } from "vitest";
import { signPageToken } from "../src/sign-page-token.ts";
import { browserTest as test, USER_AGENT } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { ANNA } from "./models.ts";
import { addModel, startSystem } from "./statistics.ts";
import { scriptTag } from "./website.ts";

const VIEWER_COOKIE = "viewer_id";

describe("a page of another origin", () => {
  test("counts: a reload is the same viewer, a fresh profile another", async ({
    system,
    website,
    newVisitor,
  }) => {
    const { ingest, modelId, stats } = await addModel(system);
    website.page("/", scriptTag(ingest.url, { "data-model-id": modelId }));
    const anna = await newVisitor();
    const visit = await anna.visit();
    await visit.page.goto(website.url);
    await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
    expect(await anna.context.cookies()).toMatchObject([
      { name: VIEWER_COOKIE, httpOnly: true, sameSite: "Lax", path: "/" },
    ]);
    await visit.page.reload();
    await eventually(stats).toMatchObject({ totalViews: 2, uniqueViews: 1 });
    const bella = await newVisitor();
    const fresh = await bella.visit();
    await fresh.page.goto(website.url);
    await eventually(stats).toMatchObject({ totalViews: 3, uniqueViews: 2 });
    expect([visit.errors, visit.console, fresh.errors, fresh.console]).toEqual([[], [], [], []]);
  });

  test("counts when it is left at once", async ({ system, website, visit }) => {
    const { ingest, modelId, stats } = await addModel(system);
    // `load` comes when the script has run.
    const leave = `<script>addEventListener("load", () => location.replace("/next"))</script>`;
    website.page("/", scriptTag(ingest.url, { "data-model-id": modelId }) + leave);
    website.page("/next", "Somewhere else");
    await visit.page.goto(website.url);
    await visit.page.waitForURL("**/next");
    await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
  });

  test("counts under a strict Content-Security-Policy, with nothing on the console", async ({
    system,
    website,
    visit,
  }) => {
    const { ingest, modelId, stats } = await addModel(system);
    const policy = `default-src 'none'; script-src ${ingest.url}; connect-src ${ingest.url}; img-src data:`;
    const headers = { "Content-Security-Policy": policy };
    website.page("/", scriptTag(ingest.url, { "data-model-id": modelId }), headers);
    await visit.page.goto(website.url);
    await eventually(stats).toMatchObject({ totalViews: 1 });
    expect([visit.errors, visit.console]).toEqual([[], []]);
  });

  test("counts by its picture where scripts are off", async ({ system, website, newVisitor }) => {
    const { ingest, modelId, stats } = await addModel(system);
    website.page("/", `<noscript><img src="${ingest.url}/v1/pixel.gif?modelId=${modelId}"></noscript>`);
    const { page } = await (await newVisitor({ javaScriptEnabled: false })).visit();
    await page.goto(website.url);
    await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
    await page.reload();
    await eventually(stats).toMatchObject({ totalViews: 2, uniqueViews: 1 });
  });

  test("works as before when ingest is down", async ({ start, website, visit }) => {
    const ingest = await start("ingest");
    website.page("/", scriptTag(ingest.url, { "data-model-id": ANNA }));
    // The script is in the browser's cache then, as it is after a visit to another profile.
    await visit.page.goto(website.url);
    await ingest.kill("SIGKILL");
    const failed = visit.page.waitForEvent("requestfailed");
    await visit.page.goto(website.url);
    await failed;
    expect(visit.errors).toEqual([]);
  });
});

test.for(["sec-gpc", "dnt"])(
  "%s: 1 leaves no cookie, and the view counts",
  async (header, { system, website, newVisitor }) => {
    const { ingest, modelId, stats } = await addModel(system);
    website.page("/", scriptTag(ingest.url, { "data-model-id": modelId }));
    const { context, visit } = await newVisitor({ extraHTTPHeaders: { [header]: "1" } });
    const { page, errors } = await visit();
    await page.goto(website.url);
    await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
    expect(await context.cookies()).toEqual([]);
    await page.reload();
    await eventually(stats).toMatchObject({ totalViews: 2, uniqueViews: 1 });
    expect(await context.cookies()).toEqual([]);
    expect(errors).toEqual([]);
  },
);

test("an origin that ALLOWED_ORIGINS does not name gets nothing stored, and its console shows the refusal", async ({
  start,
  website,
  standIn: elsewhere,
  newVisitor,
}) => {
  const { ingest, modelId, stats } = await startSystem(start, { ALLOWED_ORIGINS: elsewhere.url });
  const { context, visit } = await newVisitor();
  const { page, errors, console } = await visit();
  website.page("/", scriptTag(ingest.url, { "data-model-id": modelId }));
  // A request whose answer the browser hides from the page has failed.
  const ended = page.waitForEvent("requestfailed", (request) => request.url() === `${ingest.url}/v1/views`);
  await page.goto(website.url);
  await ended;
  expect(await context.cookies()).toEqual([]);
  expect(errors).toEqual([]);
  await eventually(() => console.join("\n")).toContain(`${ingest.url}/v1/views`);

  const post = (origin: string) =>
    fetch(`${ingest.url}/v1/views`, {
      method: "POST",
      headers: { "Content-Type": "text/plain", "User-Agent": USER_AGENT, Origin: origin },
      body: JSON.stringify({ modelId }),
    });
  expect((await post(website.url)).status).toBe(403);
  // Views of the first origin would have been stored before this one.
  expect((await post(elsewhere.url)).status).toBe(202);
  await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
});

test("where page tokens are required, a page with its own token counts, and one with another page's does not", async ({
  start,
  website,
  visit: { page, errors, console },
}) => {
  const secret = "a secret of page tokens";
  const { ingest, modelId, stats } = await startSystem(start, { PAGE_TOKEN_SECRETS: secret });
  const expiresAt = new Date(Date.now() + 60_000);
  const own = await signPageToken(modelId, { secret, expiresAt });
  const foreign = await signPageToken(ANNA, { secret, expiresAt });
  const tagWith = (token: string) => scriptTag(ingest.url, { "data-model-id": modelId, "data-token": token });
  website.page("/own", tagWith(own));
  website.page("/foreign", tagWith(foreign));

  const answered = page.waitForResponse(`${ingest.url}/v1/views`);
  await page.goto(`${website.url}/foreign`);
  expect((await answered).status()).toBe(401);
  await eventually(() => console.join("\n")).toContain("401");
  await page.goto(`${website.url}/own`);
  await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
  expect(errors).toEqual([]);
});
