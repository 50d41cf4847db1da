import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
  assertOldSyntax,
  bundleTracker,
  gzipBytes,
  TRACKER_GZIP_BYTES_MAX,
  trackerOfIngest,
} from "../build/bundle-tracker.ts";

test("the script that ingest serves is built from its source: else run node packages/client/build.ts", async () => {
  expect(await readFile(trackerOfIngest, "utf8")).toBe(await bundleTracker());
});

test("the compressed script is smaller than 1 KB", async () => {
  expect(gzipBytes(await bundleTracker())).toBeLessThan(TRACKER_GZIP_BYTES_MAX);
  expect(TRACKER_GZIP_BYTES_MAX).toBe(1_024);
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

test("build.ts --check prints the sizes of the script and of each entry", async () => {
  const build = fileURLToPath(new URL("../build.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [build, "--check"]);
  expect(stdout.replace(/\d+/g, "n").trim().split("\n")).toEqual(
    ["tracker.js", "index", "cookies", "next", "react"].map(
      (name) => `${name}: n bytes gzipped, of less than n`,
    ),
  );
});
