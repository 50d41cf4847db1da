import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where each package has its sources. */
const SOURCES = [
  ...globSync("{apps,packages}/*/src", { cwd: root }).map((path) => path.replaceAll("\\", "/")),
  "bench/src",
  "chaos/src",
  "commands",
].toSorted();

type Graph = Map<string, Set<string>>;

/** The sources of a package, without its tests, and which of them each one imports, also by type alone. */
function importsIn(source: string): Graph {
  const files = globSync("**/*.{ts,tsx}", { cwd: join(root, source) })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/(^|\/)(test|node_modules)\//.test(path));
  const graph: Graph = new Map(files.map((file) => [file, new Set()]));
  for (const [file, imported] of graph) {
    const text = readFileSync(join(root, source, file), "utf8");
    for (const [, path = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const target = posix.normalize(posix.join(posix.dirname(file), path));
      if (graph.has(target)) imported.add(target);
    }
  }
  return graph;
}

/** The same between folders; a file outside of them stands for itself. */
function betweenFolders(files: Graph): Graph {
  const folderOf = (file: string) => (file.includes("/") ? `${posix.dirname(file)}/` : file);
  const graph: Graph = new Map();
  for (const [file, imported] of files) {
    const folder = folderOf(file);
    const targets = graph.get(folder) ?? new Set<string>();
    for (const target of imported) if (folderOf(target) !== folder) targets.add(folderOf(target));
    graph.set(folder, targets);
  }
  return graph;
}

/** One of the cycles, if there is any: `a -> b -> a`. */
function cycleIn(graph: Graph): string | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  function visit(node: string): string | undefined {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].join(" -> ");
    if (done.has(node)) return undefined;
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  }
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** A cycle between files of the package, or between its folders. */
function cycleOf(source: string): string | undefined {
  const files = importsIn(source);
  expect(files.size, `files in ${source}`).toBeGreaterThan(0);
  return cycleIn(files) ?? cycleIn(betweenFolders(files));
}

test.for(SOURCES)("%s has no import cycle between files or folders", (source) => {
  expect(cycleOf(source)).toBeUndefined();
});
