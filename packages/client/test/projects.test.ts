import { existsSync } from "node:fs";
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { answer, answeringTest } from "./answering.ts";
import { type InstalledProjects, installProjects, type RunningWebsite } from "./installed-projects.ts";
import { ANNA } from "./models.ts";

/** To install what the projects depend on, the first time. */
const INSTALL_MS_MAX = 10 * 60_000;

const accepted = answer(202, { id: "an id" }, { "Set-Cookie": "viewer_id=1; Path=/; HttpOnly" });
const counted = { success: true, data: { success: true } };

let projects: InstalledProjects;

beforeAll(async () => {
  projects = await installProjects();
  return projects.remove;
}, INSTALL_MS_MAX);

const test = answeringTest.extend<{
  start: (...args: Parameters<InstalledProjects["start"]>) => Promise<RunningWebsite>;
}>({
  start: async ({ task: _ }, use) => {
    const started: RunningWebsite[] = [];
    await use(async (project, args) => {
      const website = await projects.start(project, args);
      started.push(website);
      return website;
    });
    await Promise.all(started.map(({ stop }) => stop()));
  },
});

describe("the tarball", () => {
  test("passes publint", async () => {
    const output = await projects.run(".", [
      bin("publint", "src/cli.js"),
      "run",
      projects.tarball,
      "--strict",
    ]);
    expect(output).toContain("All good!");
  });

  test("has the right types for each way to import", async () => {
    // The script is for websites that serve it themselves; nothing imports it.
    const args = [projects.tarball, "--exclude-entrypoints", "tracker.js", "--format", "ascii", "--no-emoji"];
    const output = await projects.run(".", [bin("@arethetypeswrong/cli", "dist/index.js"), ...args]);
    expect(output).toContain("No problems found");
  });
});

describe.for([
  ["20.9", "node-20"],
  ["22", "node-22"],
  ["24", undefined],
] as const)("on Node %s", ([version, dependency]) => {
  test.for(["use.mjs", "use.cjs"])("%s counts with every entry", async (script, { answering, skip }) => {
    const node = dependency && join(projects.dependency(dependency), "bin", "node");
    if (node !== undefined && !existsSync(node)) {
      skip(`There is no package with Node ${version} for ${process.platform} on ${process.arch}`);
    }
    const site = await answering([accepted]);
    const options = node === undefined ? {} : { node };
    const used = JSON.parse(await projects.run("node", [script, site.url, ANNA], options));
    expect(used).toEqual({
      node: expect.stringMatching(new RegExp(`^v${version}\\.`)),
      tracked: counted,
      setCookies: 1,
      hasOneErrorClass: true,
      isPrefetch: true,
      hook: "function",
    });
    expect(site.requests.map(({ line }) => line)).toEqual(["POST /v1/views"]);
  });
});

describe("types", () => {
  const bundler = { module: "esnext", moduleResolution: "bundler" };
  const node16 = { module: "node16", moduleResolution: "node16" };
  const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
  const node10 = { module: "commonjs", moduleResolution: "node10" };
  const ofBrowser = { lib: ["es2022", "dom"], types: [] };
  const ofNode = { lib: ["es2022"], types: ["node"] };
  const ofBoth = { lib: ["es2022", "dom"], types: ["node"], skipLibCheck: true };

  test.for([
    [
      "for ES modules, without types of Node",
      "typescript",
      "module",
      { ...nodenext, ...ofBrowser },
      ["use.ts"],
    ],
    [
      "for CommonJS, without types of a browser",
      "typescript",
      "commonjs",
      { ...node16, ...ofNode },
      ["use.ts"],
    ],
    ["with those of frameworks", "typescript", "module", { ...bundler, ...ofBoth }, ["next.ts", "node.ts"]],
    ["for TypeScript 5", "typescript-5", "module", { ...node16, ...ofNode }, ["use.ts"]],
    ["without exports maps", "typescript-5", "commonjs", { ...node10, ...ofBrowser }, ["use.ts"]],
  ] as const)("are right %s", async ([, compiler, type, options, files]) => {
    const folder = await mkdtemp(join(projects.folder, "types-"));
    await cp(join(projects.folder, "types"), folder, { recursive: true });
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    const compilerOptions = {
      ...strict,
      target: "es2022",
      noEmit: true,
      skipDefaultLibCheck: true,
      ...options,
    };
    await writeFile(join(folder, "package.json"), JSON.stringify({ type }));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    await projects.run(basename(folder), [bin(compiler, "bin/tsc")]);
  });
});

describe("in a website's tests", () => {
  test("it can be required by Jest", async () => {
    expect(await projects.run("jest", [bin("jest", "bin/jest.js"), "--rootDir", "."])).toContain("1 passed");
  });

  test("it can be imported by Vitest", async () => {
    const vitest = new URL("../../../node_modules/vitest/vitest.mjs", import.meta.url).pathname;
    expect(await projects.run("vitest", [vitest, "run", "--root", "."])).toContain("1 passed");
  });
});

describe.for([
  ["Express", ["express.mjs"]],
  ["h3, version 1", ["h3.mjs", "1"]],
  ["h3, version 2", ["h3.mjs", "2"]],
] as const)("a website on %s", ([, [script, version]]) => {
  test("sets a cookie for a year for a first visitor, beside its own cookie, and recognises them", async ({
    answering,
    start,
  }) => {
    const site = await answering([accepted]);
    const website = await start("frameworks", [script, site.url, ANNA, ...(version ? [version] : [])]);
    const first = await fetch(`${website.url}/seen`, { method: "POST" });
    const { viewer, tracked } = (await first.json()) as { viewer: string; tracked: unknown };
    expect(tracked).toEqual(counted);
    const [session, viewerCookie = ""] = first.headers.getSetCookie();
    expect(session).toMatch(/^session=1/);
    expect(viewerCookie).toMatch(
      /^viewer_id=[0-9a-f-]{36}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );

    const [cookie = ""] = viewerCookie.split(";");
    const again = await fetch(`${website.url}/seen`, { method: "POST", headers: { cookie } });
    expect(await again.json()).toEqual({ viewer, tracked: counted });
    expect(again.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=/)]);

    const headers = { cookie, "Sec-GPC": "1" };
    const asking = await fetch(`${website.url}/seen`, { method: "POST", headers });
    expect(await asking.json()).toEqual({ viewer: null, tracked: counted });
    expect(site.requests.map(({ body }) => JSON.parse(body).viewerIdentifier)).toEqual([
      viewer,
      viewer,
      undefined,
    ]);
  });
});

test("a website on Express passes views on with the documented code", async ({ answering, start }) => {
  const site = await answering([accepted]);
  const website = await start("frameworks", ["express.mjs", site.url, ANNA]);
  const passed = await fetch(`${website.url}/v1/views`, {
    method: "POST",
    headers: { "X-Forwarded-For": "8.8.8.8, 203.0.113.9", "Content-Type": "text/plain;charset=UTF-8" },
    body: `{"modelId":"${ANNA}"}`,
  });
  expect([passed.status, passed.headers.getSetCookie()]).toEqual([202, ["viewer_id=1; Path=/; HttpOnly"]]);
  await fetch(`${website.url}/v1/views/${ANNA}.gif`);
  expect(site.requests).toMatchObject([
    {
      line: "POST /v1/views",
      body: `{"modelId":"${ANNA}"}`,
      headers: { authorization: "Bearer a key", "model-views-client-address": "203.0.113.9" },
    },
    { line: `GET /v1/views/${ANNA}.gif` },
  ]);
});

test("Next.js' proxy sets a cookie that the rest of the request sees, and passes on requests for ingest", async ({
  answering,
}) => {
  const site = await answering([answer(200, "/* the script */", { "Content-Type": "text/javascript" })]);
  const results = JSON.parse(await projects.run("node", ["with-viewer.mjs", site.url]));
  const setCookie = expect.stringMatching(
    /^viewer_id=[0-9a-f-]{36}; Path=\/;.* Max-Age=31536000; Secure; HttpOnly; SameSite=lax$/,
  );
  const isPrivate = { "set-cookie": setCookie, "cache-control": "private, no-cache" };
  const cookieOfRequest = "x-middleware-request-cookie";
  expect(results.first.headers).toMatchObject({ ...isPrivate, "x-middleware-next": "1" });
  expect(results.first.headers["set-cookie"]).toContain(results.first.headers[cookieOfRequest]);
  expect(results.wrong.headers).toMatchObject(isPrivate);
  expect(results.wrong.headers["set-cookie"]).toContain(results.wrong.headers[cookieOfRequest]);
  for (const name of ["returning", "private", "prefetch"]) {
    expect(results[name].headers, name).toEqual({ "x-middleware-next": "1" });
  }
  expect(results.rewritten.headers).toMatchObject({
    ...isPrivate,
    "x-middleware-rewrite": "http://website/de/anna",
  });
  expect(results.script).toMatchObject({ status: 200, headers: { "content-type": "text/javascript" } });
  expect(site.requests).toMatchObject([
    { line: "GET /model-views.js", headers: { "model-views-client-address": "203.0.113.9" } },
  ]);
});

/** The path of a command of a package that the projects depend on. */
function bin(name: string, path: string): string {
  return join(projects.dependency(name), path);
}
