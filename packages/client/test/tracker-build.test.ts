import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { bundleReact, REACT_GZIP_BYTES_MAX, reactExports } from "../build/bundle-react.ts";
import {
  assertOldSyntax,
  bundleTracker,
  gzipBytes,
  TRACKER_GZIP_BYTES_MAX,
  trackerOfIngest,
} from "../build/bundle-tracker.ts";

test("the script that ingest serves is what its source makes: else run node packages/client/build.ts", async () => {
  expect(await readFile(trackerOfIngest, "utf8")).toBe(await bundleTracker());
});

test("the script is smaller than 1 KB as it travels", async () => {
  expect(gzipBytes(await bundleTracker())).toBeLessThan(TRACKER_GZIP_BYTES_MAX);
  expect(TRACKER_GZIP_BYTES_MAX).toBe(1_024);
});

test.for(reactExports)("%s is smaller than 1 KB as it travels", async (name) => {
  const code = await bundleReact(name);
  expect(code).toContain(name);
  expect(gzipBytes(code)).toBeLessThan(REACT_GZIP_BYTES_MAX);
  expect(REACT_GZIP_BYTES_MAX).toBe(1_024);
});

test.for([
  ["spread properties", "x = { ...y }"],
  ["catch without a binding", "try { x() } catch { y() }"],
  ["asynchronous iteration", "async () => { for await (const x of y) x() }"],
  ["optional chaining", "x?.y"],
  ["the nullish operator", "x ?? y"],
  ["logical assignment", "x ||= y"],
  ["class fields", "class X { y = 1 }"],
  ["numeric separators", "x = 1_000"],
  ["regular expressions with lookbehind", "/(?<!x)y/"],
  ["regular expressions with named groups", "/(?<x>y)\\k<x>/u"],
  ["dynamic import", "import('x')"],
])("the build refuses syntax that is newer than 2017: %s", ([, code]) => {
  expect(() => assertOldSyntax(code ?? "")).toThrow(SyntaxError);
});

test("build.ts --check prints what a website loads", async () => {
  const build = fileURLToPath(new URL("../build.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [build, "--check"]);
  const size = "\\d{3,4} bytes gzipped, of less than 1024\\n";
  expect(stdout).toMatch(new RegExp(`^tracker\\.js: ${size}useTrackModelView: ${size}TrackView: ${size}$`));
});
