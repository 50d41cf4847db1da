import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { test } from "@model-views/testing/fixtures.ts";
import { describe, expect, test as plainTest } from "vitest";
import { loadScript } from "../src/routes/get-script.ts";
import { DEFAULT_PATHS, scriptPathSchema, viewsPathSchema } from "../src/routes/public-paths.ts";

const modelId = "0190aaaa-0000-7000-8000-000000000001";

describe("the script", () => {
  test("may be loaded by any page, with crossorigin and integrity", async ({ start }) => {
    const ingest = await start("ingest");
    const script = loadScript(DEFAULT_PATHS);
    for (const path of ["/model-views.js", "/tracker.js", script.pinnedPath]) {
      const response = await fetch(ingest.url + path, { headers: { origin: "https://www.example.org" } });
      expect(response.status, path).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "access-control-allow-origin": "*",
        "content-type": "text/javascript; charset=utf-8",
        "cross-origin-resource-policy": "cross-origin",
      });
      const sent = Buffer.from(await response.arrayBuffer());
      expect(`sha384-${createHash("sha384").update(sent).digest("base64")}`).toBe(script.integrity);
    }
  });

  test("is cached for an hour, and for good at the address that never changes", async ({ start }) => {
    const ingest = await start("ingest");
    const cacheOf = async (path: string) => (await fetch(ingest.url + path)).headers.get("cache-control");
    expect(await cacheOf("/model-views.js")).toBe("public, max-age=3600");
    expect(await cacheOf(loadScript(DEFAULT_PATHS).pinnedPath)).toBe("public, max-age=31536000, immutable");
    expect((await fetch(`${ingest.url}/model-views-000000000000.js`)).status).toBe(404);
  });

  test("is the same again for a browser that has it", async ({ start }) => {
    const ingest = await start("ingest");
    const url = `${ingest.url}/model-views.js`;
    const etag = (await fetch(url)).headers.get("etag") ?? "";
    expect((await ask(url, { "if-none-match": etag })).statusCode).toBe(304);
  });

  test("travels compressed, in less than 1 KB, where the browser takes that", async ({ start }) => {
    const ingest = await start("ingest");
    const bodyIn = async (encoding: string) =>
      buffer(await ask(`${ingest.url}/model-views.js`, { "accept-encoding": encoding }));
    const plain = await bodyIn("identity");
    const gzipped = await bodyIn("gzip, br");
    expect(gzipped.length).toBeLessThan(1_024);
    expect(gunzipSync(gzipped)).toEqual(plain);
  });
});

plainTest("the README of the client has the address and the integrity of the script as it is", async () => {
  const readme = await readFile(new URL("../../../packages/client/README.md", import.meta.url), "utf8");
  const { pinnedPath, integrity } = loadScript(DEFAULT_PATHS);
  expect(readme).toContain(`src="https://views.example.com${pinnedPath}"`);
  expect(readme).toContain(`integrity="${integrity}"`);
});

describe("names that the owner chooses", () => {
  const settings = { SCRIPT_PATH: "/assets/popular.js", VIEWS_PATH: "/api/seen" };

  test("serve the script, which posts to the chosen path, and take posts and pixels there", async ({
    start,
  }) => {
    const ingest = await start("ingest", settings);
    const script = await (await fetch(`${ingest.url}/assets/popular.js`)).text();
    expect(script).toContain('"/api/seen"');
    expect(script).not.toContain('"/v1/views"');
    const post = (path: string) =>
      fetch(ingest.url + path, { method: "POST", body: JSON.stringify({ modelId }) });
    expect((await post("/api/seen")).status).toBe(202);
    expect((await fetch(`${ingest.url}/api/seen/${modelId}.gif`)).status).toBe(200);
    expect((await fetch(`${ingest.url}/api/seen`, { method: "OPTIONS" })).status).toBe(204);
    // Pages that were made before go on counting.
    expect((await post("/v1/views")).status).toBe(202);
    expect((await fetch(`${ingest.url}/v1/pixel.gif?modelId=${modelId}`)).status).toBe(200);
  });

  plainTest.for([
    "seen",
    "/",
    "/seen/",
    "/a b",
    "/a//b",
    "/../x",
    "/:id",
    "/*",
    "/metrics",
    "/v1/views/batch",
    "https://x.org/a",
  ])("VIEWS_PATH=%s is refused", (path) => expect(viewsPathSchema.safeParse(path).success).toBe(false));

  plainTest.for(["/popular", "/popular.css", "popular.js", "/.js"])("SCRIPT_PATH=%s is refused", (path) =>
    expect(scriptPathSchema.safeParse(path).success).toBe(false),
  );
});

/**
 * Patterns of EasyPrivacy (easyprivacy_general.txt, autumn 2026) that are near what such a service would call its
 * addresses. `*` is any text, and the pattern may stand anywhere in the address.
 */
const BLOCKED = [
  "/pixel.gif?",
  "/view.gif?",
  "/v.gif?",
  "/page-view.gif?",
  "/pageviews.gif?",
  "/stats.*/tracker.",
  "/stats.*/event",
  "/stats.*/hits/*",
  "://stats.*/script.js",
  "://stats.*/index.js",
  "://analytics.*/tracker.",
  "://analytics.*/collect",
  "://analytics.*/event",
  "://analytics.*/pageview/",
  "://tracker.*/pageview",
  "/v1/pixel?",
  "/v1/pixel.js",
  "/v1/tracker.js",
  "/v1/impressions",
  "/v1/page-hit",
  "/v1/stats/track",
  "/views/vw.js",
  "/tracker.min.js",
  "/js/tracker.js",
  "/stats/tracker.js",
  "/analytics/view",
  ".gif?event=",
  ".gif?hit_",
  ".js?referrer=",
];

const isBlocked = (url: string) =>
  BLOCKED.some((pattern) => {
    const text = pattern
      .split("*")
      .map((part) => part.replace(/[.?/]/g, "\\$&"))
      .join(".*");
    return new RegExp(text, "i").test(url);
  });

plainTest.for(["views", "stats", "analytics", "tracker", "count", "www"])(
  "lists of trackers block none of the usual addresses on a host called %s",
  (host) => {
    const at = (path: string) => isBlocked(`https://${host}.example.org${path}`);
    const { pinnedPath } = loadScript(DEFAULT_PATHS);
    const { script, views } = DEFAULT_PATHS;
    const pixel = `${views}/${modelId}.gif`;
    expect(
      [script, pinnedPath, views, pixel, `${pixel}?path=%2Fanna&referrer=https%3A%2F%2Fx.org`].filter(at),
    ).toEqual([]);
    // What they were called before.
    expect(at("/v1/pixel.gif?modelId=1")).toBe(true);
  },
);

/** As it travels: fetch would decompress it, and ask without conditions. */
function ask(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, resolve).on("error", reject);
  });
}
