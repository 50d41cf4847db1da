import { beforeAll, describe, expect } from "vitest";
import { answer, answeringTest, never } from "./answering.ts";
import {
  findWebServers,
  recipes,
  startCaddy,
  startNginx,
  type WebServer,
  type WebServerPrograms,
} from "./web-servers.ts";

/** To download them, the first time. */
const DOWNLOAD_MS_MAX = 5 * 60_000;

const VIEWER_ID = "0190cccc-0000-4000-8000-00000000000c";
const MODEL_ID = "0190aaaa-0000-7000-8000-00000000000a";
const view = JSON.stringify({ modelId: MODEL_ID });
const accepted = answer(202, { id: "an id" }, { "Set-Cookie": "viewer_id=1; Path=/; HttpOnly" });

let programs: WebServerPrograms | { refused: string };

beforeAll(async () => {
  programs = await findWebServers();
}, DOWNLOAD_MS_MAX);

const test = answeringTest.extend<{
  behind: (name: "nginx" | "caddy", ingestUrl: string) => Promise<WebServer>;
}>({
  behind: async ({ skip }, use) => {
    const started: WebServer[] = [];
    await use(async (name, ingestUrl) => {
      if ("refused" in programs) return skip(`There is no ${name} here: ${programs.refused}`);
      const { nginx, caddy } = programs;
      const recipe = await recipes(name, ingestUrl);
      const server = await (name === "nginx" ? startNginx(nginx, recipe) : startCaddy(caddy, recipe));
      started.push(server);
      return server;
    });
    await Promise.all(started.map(({ stop }) => stop()));
  },
});

describe.for(["nginx", "caddy"] as const)("the recipe for %s", (name) => {
  test("passes views on with the key and the visitor's address, and ignores the visitor's own claims", async ({
    answering,
    behind,
  }) => {
    const ingest = await answering([accepted]);
    const website = await behind(name, ingest.url);

    const claimed = "8.8.8.8";
    const first = await fetch(`${website.url}/v1/views`, {
      method: "POST",
      body: view,
      headers: {
        Cookie: `session=secret; viewer_id=${VIEWER_ID}; other=1`,
        "User-Agent": "A browser",
        "Accept-Language": "de",
        Origin: website.url,
        "Sec-GPC": "1",
        Authorization: "Bearer of the visitor",
        "Model-Views-Client-Address": claimed,
        "X-Forwarded-For": claimed,
        Forwarded: `for=${claimed}`,
      },
    });
    expect([first.status, await first.json()]).toEqual([202, { id: "an id" }]);
    expect(first.headers.getSetCookie()).toEqual(["viewer_id=1; Path=/; HttpOnly"]);
    expect(ingest.requests).toMatchObject([
      {
        line: "POST /v1/views",
        body: view,
        headers: {
          authorization: "Bearer a key",
          "model-views-client-address": "127.0.0.1",
          cookie: `viewer_id=${VIEWER_ID}`,
          "user-agent": "A browser",
          "accept-language": "de",
          origin: website.url,
          "sec-gpc": "1",
        },
      },
    ]);
    expect(JSON.stringify(ingest.requests[0]?.headers)).not.toContain(claimed);

    await fetch(`${website.url}/v1/views`, {
      method: "POST",
      body: view,
      headers: { Cookie: "session=secret" },
    });
    await fetch(`${website.url}/v1/views/${MODEL_ID}.gif`);
    await fetch(`${website.url}/model-views.js`);
    expect(ingest.requests.map(({ line }) => line).slice(2)).toEqual([
      `GET /v1/views/${MODEL_ID}.gif`,
      "GET /model-views.js",
    ]);
    expect(ingest.requests[1]?.headers).not.toHaveProperty("cookie");
    expect(await (await fetch(`${website.url}/v1/views/batch`)).text()).toBe("page");
  });

  test("does not make a visitor wait while ingest hangs", async ({ answering, behind }) => {
    const ingest = await answering([never]);
    const website = await behind(name, ingest.url);
    expect((await fetch(`${website.url}/v1/views`, { method: "POST", body: view })).status).toBe(504);
  });
});
