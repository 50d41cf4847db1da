import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MAINTENANCE_TASKS } from "@model-views/db/maintenance/tasks.ts";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { welcome } from "../start/welcome.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

const documents = globSync(
  ["*.md", "docs/**/*.md", "packages/*/*.md", "examples/*/*.md", ".github/*.md", ".changeset/README.md"],
  { cwd: root },
).toSorted();

/** Without blocks of code, in which `#` is no heading and `](` no link. */
const prose = (path: string) => read(path).replace(/^( *)```.*?^\1```$/gms, "");

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  return [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The npm scripts of the project, and of the package that a document is in. */
function scriptsFor(path: string): Set<string> {
  const packages = ["package.json", join(dirname(path), "package.json")];
  const schema = z.object({ scripts: z.record(z.string(), z.string()).default({}) });
  const known = packages
    .filter((each) => existsSync(join(root, each)))
    .flatMap((each) => Object.keys(schema.parse(JSON.parse(read(each))).scripts));
  return new Set(known);
}

describe.each(documents)("%s", (path) => {
  test("has links to what is there", () => {
    const links = [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? path : join(dirname(path), file);
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && !anchorsOf(target).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  test("names npm scripts that there are", () => {
    const named = [...read(path).matchAll(/npm run ([\w-]+)/g)].map(([, name = ""]) => name);
    const scripts = scriptsFor(path);
    expect(named.filter((name) => !scripts.has(name))).toEqual([]);
  });
});

/** What `node:fs` finds is without folders that begin with a dot, except where they are named. */
const sources = globSync(["**/*.{ts,tsx,sql,sh,yml}", ".github/**/*.yml"], {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path),
});

/** Pages whose paths are of this repository. Those of the others are of a reader's website, or of a former state. */
const ABOUT_SOURCES = documents.filter(
  (path) => /^(\w+|docs\/[^/]+)\.md$/.test(path) && !/first-party|frameworks|CHANGELOG/.test(path),
);

/**
 * The sources that a name in a document may stand for: a path from the root, with `*` for some folders; else one below a folder
 * that the same paragraph names, or whose file it names; else one anywhere.
 */
function sourcesNamed(name: string, paragraph: string): string[] {
  const pattern = new RegExp(`^${name.replaceAll(/[.[\]]/g, "\\$&").replaceAll("*", "[^/]+")}$`);
  const fromRoot = sources.filter((source) => pattern.test(source));
  if (fromRoot.length > 0) return name.includes("*") ? fromRoot.slice(0, 1) : fromRoot;
  const anywhere = sources.filter((source) => source.endsWith(`/${name}`));
  const paths = [...paragraph.matchAll(/`([\w.-]+\/[\w./-]+)`/g)].map(([, path = ""]) => path);
  const folders = paths.map((path) => (/\.\w+$/.test(path) ? dirname(path) : path));
  const near = anywhere.filter((source) => folders.some((folder) => source.startsWith(`${folder}/`)));
  return near.length > 0 ? near : anywhere;
}

test.each(ABOUT_SOURCES)("%s names sources that there are, and one each", (path) => {
  const paragraphs = prose(path).split(/\n(?=\s*\n|\s*- |\s*\d+\. |\|)/);
  const wrong = paragraphs.flatMap((paragraph) =>
    [...paragraph.matchAll(/`([\w./*[\]-]*\w\.(?:tsx?|sql|sh|yml))`/g)].flatMap(([, name = ""]) => {
      const named = sourcesNamed(name, paragraph);
      return named.length === 1 ? [] : [`${name}: ${named.join(", ") || "nowhere"}`];
    }),
  );
  expect(wrong).toEqual([]);
});

/** Pages for operators, which name settings of the services and their metrics. */
const PAGES = ["README.md", ...documents.filter((path) => /^docs\/[^/]+\.md$/.test(path))].filter(
  (path) => !/first-party|frameworks/.test(path),
);

test.each(PAGES)("%s names settings and metrics that there are", (path) => {
  const text = read(path);
  const settings = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)].map(([, name = ""]) => name);
  const known = read(".env.example");
  expect(
    settings.filter((name) => !new RegExp(`^(# )?${name.replace(/_FILE$/, "")}=`, "m").test(known)),
  ).toEqual([]);
  const metrics = [...text.matchAll(/`(model_views_\w+?_(?:total|seconds|bytes|jobs|open))\b/g)];
  const sources = globSync("{apps,packages}/*/src/**/*.ts", { cwd: root }).map(read).join("\n");
  expect(metrics.map(([, name = ""]) => name).filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
});

test("docs/operations.md has every maintenance task", () => {
  const [, table = ""] = /^## Maintenance\n(.*?)^## /ms.exec(read("docs/operations.md")) ?? [];
  const tasks = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name = ""]) => name);
  expect(tasks.toSorted()).toEqual(Object.keys(MAINTENANCE_TASKS).toSorted());
});

test("README.md shows what npm start prints", () => {
  const [, shown = ""] = /```\n(model-views is running.*?)```/s.exec(read("README.md")) ?? [];
  const printed = welcome({
    dashboard: "http://127.0.0.1:4002",
    isBuilding: false,
    ingest: 4001,
    stats: 4002,
    admin: { ingest: 4011, stats: 4012, worker: 4003 },
    modelId: undefined,
    hasStatsKeys: false,
    hasAdminKeys: false,
  }).split("\n");
  const lines = shown.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
});
