import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
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

test("build.ts --check prints the sizes of the script and of each entry", async () => {
  const build = fileURLToPath(new URL("../build.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [build, "--check"]);
  expect(stdout.replace(/\d+/g, "n").trim().split("\n")).toEqual(
    ["tracker.js", "index", "cookies", "next", "react"].map(
      (name) => `${name}: n bytes gzipped, of less than n`,
    ),
  );
});
