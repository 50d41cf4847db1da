import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { expect } from "vitest";
import { browserTest } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { type InstalledProject, installProject } from "./installed-project.ts";
import { ANNA, BELLA } from "./models.ts";
import { bundleProfile, profileOn } from "./profile-page.ts";
import { startSystem } from "./statistics.ts";

const test = browserTest.extend<{ project: InstalledProject }>({
  project: [
    async ({ task: _ }, use) => {
      const project = await installProject();
      await use(project);
      await project.remove();
    },
    { scope: "file" },
  ],
});

test("the tarball has the built modules, their types and the script, and nothing that leads elsewhere", async ({
  project,
}) => {
  expect(project.files).toEqual(
    expect.arrayContaining([
      "LICENSE",
      "README.md",
      ...["cookies", "index", "next", "react"].flatMap((entry) =>
        ["cjs", "esm"].flatMap((format) => [`dist/${format}/${entry}.d.ts`, `dist/${format}/${entry}.js`]),
      ),
      "dist/cjs/package.json",
      "dist/tracker.js",
      "package.json",
    ]),
  );
  const others = project.files.filter((path) => !/^(dist\/.*\.(d\.ts|js)|[^/]+)$/.test(path));
  expect(others).toEqual(["dist/cjs/package.json"]);

  const manifest = await readFile(join(project.installed, "package.json"), "utf8");
  expect(manifest).not.toMatch(/"(workspace|catalog|link|file):/);
  expect(JSON.parse(manifest)).not.toHaveProperty("dependencies");
  for (const path of project.files.filter((path) => path.endsWith(".js"))) {
    const code = await readFile(join(project.installed, path), "utf8");
    expect(code, path).not.toMatch(/sourceMappingURL/);
    const imports = [...code.matchAll(/from "([^"]*)";|require\("([^"]*)"\)/g)].map(
      ([, esm, cjs]) => esm ?? cjs,
    );
    const elsewhere = imports.filter((name) => !/^\.\.?\//.test(name ?? ""));
    const allowed = path.endsWith("/next.js") ? ["next/headers.js", "next/server.js"] : ["react"];
    expect(allowed, path).toEqual(expect.arrayContaining(elsewhere));
    const statements = code.replaceAll(/\/\*.*?\*\//gs, "");
    if (!path.endsWith("/next.js")) expect(statements, path).not.toContain("process.env");
  }
});

test("the Next.js example, installed on the machine's own Node, counts and answers", async ({
  project,
  start,
}) => {
  const key = "a-key-for-the-tests";
  const { ingest, statsApi, modelId, stats } = await startSystem(start, { SERVER_KEYS: key });
  const env = {
    INGEST_URL: ingest.url,
    STATS_URL: statsApi.url,
    SERVER_KEY: key,
    VIEWER_ID_SALT: "a salt for tests, of 32 characters",
  };
  await project.compile("actions.ts", ["node"]);
  const counted = { success: true, data: { success: true } };
  const viewed = JSON.parse(await project.run("node", ["view-profile.js", modelId], env));
  expect(viewed.views).toEqual([counted, counted]);
  expect(Number.parseInt(viewed.node.slice(1), 10)).toBeGreaterThanOrEqual(20);
  await eventually(stats).toMatchObject({ totalViews: 2, uniqueViews: 1 });
  const popularity = JSON.parse(await project.run("node", ["popularity.js", modelId], env));
  expect(popularity).toEqual({ viewers: 1, mostViewed: ["Anna"] });

  const away = { ...env, INGEST_URL: "http://127.0.0.1:9", STATS_URL: "" };
  const alone = JSON.parse(await project.run("node", ["view-profile.js", modelId], away));
  expect(alone.views).toMatchObject([{ success: false }, { success: false }]);
  const unknown = JSON.parse(await project.run("node", ["popularity.js", modelId], away));
  expect(unknown).toEqual({ viewers: null, mostViewed: null });
});

test("its React hook, bundled for a browser, counts once", async ({ project, website, standIn, visit }) => {
  const page = join(project.folder, "profile.tsx");
  await copyFile(new URL("./pages/profile.tsx", import.meta.url), page);
  const bundle = await bundleProfile({ entryPoints: [page] });
  website.page("/", `<body><script>${bundle}</script>`);
  await visit.page.goto(website.url);
  await profileOn(visit.page).show(ANNA, { ingestUrl: standIn.url });
  await profileOn(visit.page).show(BELLA, { ingestUrl: standIn.url });
  await eventually(() => standIn.models()).toEqual([ANNA, BELLA]);
  expect([visit.errors, visit.console.filter((line) => !line.includes("React DevTools"))]).toEqual([[], []]);
});

test("its functions, bundled for a browser, need nothing of Node", async ({
  project,
  website,
  standIn,
  visit,
}) => {
  const { outputFiles, warnings } = await build({
    stdin: {
      contents: `import { createModelViews } from "model-views-client"; Object.assign(window, { createModelViews });`,
      resolveDir: project.folder,
    },
    bundle: true,
    write: false,
    platform: "browser",
  });
  expect(warnings).toEqual([]);
  website.page("/", `<body><script>${outputFiles[0]?.text}</script>`);
  website.answer("/v1/views", (_, response) => response.writeHead(202).end(`{"id":"${ANNA}"}`));
  await visit.page.goto(website.url);
  const tracked = await visit.page.evaluate(
    `createModelViews({ ingestUrl: location.origin }).trackModelView("${ANNA}", "a viewer")`,
  );
  expect(tracked).toEqual({ success: true, data: { success: true } });
  expect(standIn.posts).toEqual([]);
  expect([visit.errors, visit.console]).toEqual([[], []]);
});
