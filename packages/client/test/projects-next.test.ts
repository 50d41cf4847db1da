import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type InstalledProjects, installProjects, type RunningWebsite } from "./installed-projects.ts";
import { ANNA } from "./models.ts";
import { type Served, serve } from "./serve.ts";

/** To install what the projects depend on, the first time, and to build. */
const BUILD_MS_MAX = 10 * 60_000;
const VIEWER_ID = "0190cccc-0000-4000-8000-00000000000c";

/** Both services: their answers, and the requests that they received. */
const services = {
  views: 100,
  fails: false,
  /** Whether posts are never answered. */
  hangs: false,
  reads: 0,
  posts: [] as { headers: IncomingHttpHeaders; body: string }[],
};

let projects: InstalledProjects;
let server: Served;
let built: string;
let website: RunningWebsite;

beforeAll(async () => {
  server = await serve(async (request, response) => {
    response.setHeader("Content-Type", "application/json");
    if (request.method === "POST") {
      services.posts.push({ headers: request.headers, body: await text(request) });
      return void (services.hangs || response.writeHead(202).end(`{"id":"an id"}`));
    }
    const modelId = request.url?.split("/")[3];
    services.reads += 1;
    if (modelId !== ANNA) return void response.writeHead(404).end(`{"detail":"No such model"}`);
    if (services.fails) return void response.writeHead(500).end();
    const lastViewedAt = "2026-11-22T12:00:00.000Z";
    response.end(JSON.stringify({ modelId, totalViews: services.views, uniqueViews: 1, lastViewedAt }));
  });
  projects = await installProjects();
  const env = { INGEST_URL: server.url, STATS_URL: server.url };
  const next = join(projects.dependency("next"), "dist", "bin", "next");
  built = await projects.run("next", [next, "build"], { env });
  website = await projects.start("next", ["serve.mjs"], env);
}, BUILD_MS_MAX);

afterAll(async () => {
  await website?.stop();
  await server?.close();
  await projects?.remove();
});

beforeEach(() => {
  Object.assign(services, { fails: false, hangs: false, reads: 0, posts: [] });
});

async function get(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(website.url + path, { headers });
  return `${response.status} ${/<p>(.*?)<\/p>/.exec(await response.text())?.[1]}`;
}

test("a static page with revalidate shows new counts, and the earlier ones while there are none", async () => {
  expect(built).toContain(`● /models/${ANNA}`);
  const page = `/models/${ANNA}`;
  services.views = 200;
  await eventually(() => get(page)).toBe("200 200 views, the last one in 2026");
  Object.assign(services, { fails: true, views: 300, reads: 0 });
  await eventually(async () => {
    expect(await get(page)).toBe("200 200 views, the last one in 2026");
    return services.reads;
  }).toBeGreaterThan(1);
  services.fails = false;
  await eventually(() => get(page)).toBe("200 300 views, the last one in 2026");
});

test("the build warns of an error that becomes part of a page", async () => {
  expect(built).toContain("model-views: the stats API answered 404: No such model; a page that is built now");
  expect(await get("/baked")).toBe("200 the stats API answered 404: No such model");
});

test("a server component reads the viewer, at a first visit too", async () => {
  expect(await get("/who")).toBe("200 viewer: null");
  const returning = await get("/who", { Cookie: `viewer_id=${VIEWER_ID}` });
  expect(returning).toMatch(/^200 viewer: [0-9a-f]{64}$/);
  expect(await get("/who", { Cookie: `viewer_id=${VIEWER_ID}`, "Sec-GPC": "1" })).toBe("200 viewer: null");
});

test("a view is posted after the response, which does not wait while ingest hangs", async () => {
  services.hangs = true;
  const headers = {
    "X-Real-IP": "[2001:db8::1]:443",
    "User-Agent": "A browser",
    Referer: "https://www.example.org/anna?utm_source=a",
  };
  const response = await fetch(`${website.url}/seen`, { method: "POST", headers });
  expect(await response.json()).toEqual({ success: true, data: { success: true } });
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^viewer_id=.*Max-Age=31536000/)]);
  await eventually(() => services.posts.length).toBe(1);
  expect(JSON.parse(services.posts[0]?.body ?? "")).toMatchObject({
    modelId: ANNA,
    viewerIdentifier: expect.stringMatching(/^[0-9a-f]{64}$/),
    ipAddress: "2001:db8::1",
    userAgent: "A browser",
    path: "/anna?utm_source=a",
  });
});

test.for([
  ["asks for privacy", { DNT: "1" }, true],
  ["is a prefetch", { Purpose: "prefetch" }, false],
] as const)("a visitor whose request %s gets no cookie", async ([, headers, success]) => {
  const response = await fetch(`${website.url}/seen`, { method: "POST", headers });
  expect(await response.json()).toEqual({ success: true, data: { success } });
  expect(response.headers.getSetCookie()).toEqual([]);
  if (success) await eventually(() => services.posts.length).toBe(1);
  for (const { body } of services.posts) expect(JSON.parse(body)).not.toHaveProperty("viewerIdentifier");
  expect(services.posts).toHaveLength(success ? 1 : 0);
});

test("the route passes the browser's view on", async () => {
  const headers = { "X-Real-IP": "203.0.113.9:80", Cookie: `session=secret; viewer_id=${VIEWER_ID}` };
  const body = `{"modelId":"${ANNA}","id":"an id"}`;
  const response = await fetch(`${website.url}/v1/views`, { method: "POST", body, headers });
  expect([response.status, await response.json()]).toEqual([202, { id: "an id" }]);
  expect(services.posts).toMatchObject([
    {
      body,
      headers: {
        authorization: "Bearer a key",
        cookie: `viewer_id=${VIEWER_ID}`,
        "model-views-client-address": "203.0.113.9",
      },
    },
  ]);
});
