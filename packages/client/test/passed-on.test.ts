import { expect } from "vitest";
import { test } from "../../testing/src/fixtures.ts";
import { fetchCookies } from "../src/cookies.ts";
import { createModelViews } from "../src/create-model-views.ts";
import { eventually } from "./eventually.ts";
import { ANNA } from "./models.ts";
import { startSystem } from "./statistics.ts";

const ORIGIN = "https://www.example.org";
const KEY = "a-key-for-the-tests";

test("views that are passed on count for their visitors, and the server functions identify the same viewers", async ({
  start,
}) => {
  const ingestEnv = { SERVER_KEYS: KEY, ALLOWED_ORIGINS: ORIGIN };
  const { ingest, statsApi, modelId, stats } = await startSystem(start, ingestEnv);
  const site = createModelViews({
    ingestUrl: ingest.url,
    statsUrl: statsApi.url,
    serverKey: KEY,
    viewerIdSalt: "a salt for tests, of 32 characters",
    timeoutMs: 10_000,
  });

  /** Posts to the website as a visitor's browser does. Returns the cookie of the answer. */
  async function visit(
    clientAddress: string,
    headers: Record<string, string> = {},
  ): Promise<string | undefined> {
    const request = new Request(`${ORIGIN}/v1/views`, {
      method: "POST",
      body: JSON.stringify({ modelId }),
      headers: {
        Origin: ORIGIN,
        "Content-Type": "text/plain",
        "User-Agent": "Mozilla/5.0 Firefox/140.0",
        ...headers,
      },
    });
    const response = await site.passViewOn(request, { clientAddress });
    expect(response.status).toBe(202);
    return response.headers.getSetCookie()[0]?.split(";")[0];
  }

  const cookie = (await visit("203.0.113.1:50000")) ?? "";
  expect(cookie).toMatch(/^viewer_id=/);
  expect(await visit("198.51.100.7", { Cookie: cookie })).toBeUndefined();
  const viewer = await site.getViewerIdentifier(fetchCookies(new Headers({ cookie }), new Headers()));
  expect(await site.trackModelView(modelId, viewer)).toMatchObject({ success: true });
  await eventually(stats).toMatchObject({ totalViews: 3, uniqueViews: 1 });

  await visit("203.0.113.2");
  const privately = { "Sec-GPC": "1" };
  expect(await visit("203.0.113.3", privately)).toBeUndefined();
  expect(await visit("203.0.113.3", privately)).toBeUndefined();
  await eventually(stats).toMatchObject({ totalViews: 6, uniqueViews: 3 });
});

test("a page that ingest does not allow is refused, and onError is called", async ({ start }) => {
  const ingest = await start("ingest", { SERVER_KEYS: KEY, ALLOWED_ORIGINS: ORIGIN });
  const reported = Promise.withResolvers<unknown>();
  const site = createModelViews({
    ingestUrl: ingest.url,
    serverKey: KEY,
    timeoutMs: 10_000,
    onError: reported.resolve,
  });
  const body = JSON.stringify({ modelId: ANNA });
  const headers = { Origin: "https://elsewhere.example" };
  const request = new Request("https://elsewhere.example/v1/views", { method: "POST", body, headers });
  expect((await site.passViewOn(request, { clientAddress: "203.0.113.1" })).status).toBe(403);
  expect(await reported.promise).toMatchObject({
    code: "refused",
    status: 403,
    message: expect.stringContaining("ALLOWED_ORIGINS"),
  });
});
