import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { createSessions } from "../src/guards/sessions.ts";
import { type Api, test as base, now, withApi } from "./api.ts";

const PAGE = "<!doctype html><title>the dashboard</title>";
const SCRIPT = "export const built = true;";
const asPage = { headers: { accept: "text/html,*/*;q=0.8" } };

const test = base.extend<{ served: Api; folder: string }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-dashboard-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  served: async ({ db, folder }, use) => {
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), PAGE);
    await writeFile(join(folder, "secret.txt"), "not of the dashboard's addresses");
    await writeFile(join(folder, "assets", "index-1a2b.js"), SCRIPT);
    await writeFile(join(folder, "assets", "index-1a2b.js.gz"), gzipSync(SCRIPT));
    await writeFile(join(folder, "assets", "index-1a2b.js.br"), brotliCompressSync(SCRIPT));
    await withApi({ db, dashboardFolder: folder }, use);
  },
});

describe("the dashboard's files", () => {
  test("are one page for every address of a page, and no page for the API's", async ({ served: { ask } }) => {
    for (const path of ["/", "/models", "/models/1?range=7d", "/no/such/page"]) {
      const response = await ask(path, asPage);
      expect([response.status, await response.text(), response.headers.get("cache-control")], path).toEqual([
        200,
        PAGE,
        "no-cache",
      ]);
    }
    for (const path of ["/v1/nothing", "/v1", "/assets/none.js", "/docs/none"]) {
      expect((await ask(path, asPage)).status, path).toBe(404);
    }
    expect((await ask("/docs/", asPage)).status).toBe(200);
    expect((await ask("/models")).status, "a program does not accept a page").toBe(404);
    expect((await ask("/")).status, "but it may look whether there is one").toBe(200);
    expect((await ask("/", { headers: { accept: "application/json" } })).status).toBe(404);
    expect((await ask("/", { method: "POST" })).status).toBe(404);
    const head = await ask("/models", { ...asPage, method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
      200,
      String(PAGE.length),
      "",
    ]);
  });

  test("with a hash in their name are kept for ever, and come compressed", async ({ served: { ask } }) => {
    const zipped = await ask("/assets/index-1a2b.js", { headers: { "accept-encoding": "gzip" } });
    expect(Object.fromEntries(zipped.headers)).toMatchObject({
      "content-encoding": "gzip",
      "content-type": expect.stringMatching(/^text\/javascript/),
      "cache-control": "public, max-age=31536000, immutable",
      vary: expect.stringContaining("Accept-Encoding"),
    });
    expect(await zipped.text()).toBe(SCRIPT);
    const smaller = await ask("/assets/index-1a2b.js", {
      headers: { "accept-encoding": "gzip, deflate, br" },
    });
    expect([smaller.headers.get("content-encoding"), await smaller.text()]).toEqual(["br", SCRIPT]);
    const plain = await ask("/assets/index-1a2b.js", { headers: { "accept-encoding": "identity" } });
    expect([plain.headers.get("content-encoding"), await plain.text()]).toEqual([null, SCRIPT]);
  });

  test("are those of the folder's known names alone", async ({ served: { ask } }) => {
    for (const path of [
      "/secret.txt",
      "/assets/..%2fsecret.txt",
      "/assets/%2e%2e%2fsecret.txt",
      "/assets/.env",
    ]) {
      expect((await ask(path)).status, path).toBe(404);
    }
  });

  test("never come with the cookie of a session: caches may keep them for everyone", async ({
    db,
    folder,
    served: _,
  }) => {
    const key = "a-key-that-may-read";
    const sessionsAt = createSessions([key]);
    const anHourAgo = now.getTime() - 3_600_000;
    const cookie = `model_views_session=${sessionsAt(() => anHourAgo).begin(key)}`;
    await withApi({ db, dashboardFolder: folder, sessionsAt }, async ({ ask }) => {
      const cookieFrom = async (path: string) => {
        const response = await ask(path, { headers: { cookie, accept: "text/html,*/*;q=0.8" } });
        expect(response.status, path).toBe(200);
        return response.headers.get("set-cookie");
      };
      for (const path of ["/", "/assets/index-1a2b.js", "/docs/", "/openapi.json", "/livez"]) {
        expect(await cookieFrom(path), path).toBeNull();
      }
      expect(await cookieFrom("/v1/models")).toMatch(/^model_views_session=1\./);
    });
  });
});

test("what the dashboard's pages may load: nothing inline, and nothing of other hosts", async ({
  served: { ask },
}) => {
  const { headers } = await ask("/", asPage);
  expect(headers.get("content-security-policy")).toBe(
    "default-src 'self';img-src 'self' blob:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
  );
});

test("while the folder is empty, its pages say that the dashboard is being built, and ask again", async ({
  db,
  folder,
}) => {
  await withApi({ db, dashboardFolder: folder }, async ({ ask }) => {
    const response = await ask("/", asPage);
    expect([response.status, response.headers.get("refresh")]).toEqual([503, "2"]);
    expect(await response.text()).toContain("is being built");
  });
});

test("without a dashboard, its addresses are not there", async ({ api: { ask } }) => {
  expect((await ask("/", asPage)).status).toBe(404);
});
