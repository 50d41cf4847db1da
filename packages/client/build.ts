/**
 * Builds what cannot be run as it is written: `tracker.js` for ingest to serve, and `dist`, which `npm pack` packs.
 * With `--dist` the latter alone; with `--check` it only says whether ingest's `tracker.js` is what the source makes.
 * Prints what a website loads, in bytes as it travels.
 * Ends with 1 and a sentence when that is too much, or is no JavaScript of 2017.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { buildPackage } from "./build/build-package.ts";
import { bundleReact, REACT_GZIP_BYTES_MAX, reactExports } from "./build/bundle-react.ts";
import { bundleTracker, gzipBytes, TRACKER_GZIP_BYTES_MAX, trackerOfIngest } from "./build/bundle-tracker.ts";

const tracker = await bundleTracker();
printSize("tracker.js", tracker, TRACKER_GZIP_BYTES_MAX);
for (const name of reactExports) printSize(name, await bundleReact(name), REACT_GZIP_BYTES_MAX);

if (process.argv.includes("--check")) {
  const served = await readFile(trackerOfIngest, "utf8").catch(() => undefined);
  if (served !== tracker)
    fail("ingest's tracker.js is not what its source makes: run node packages/client/build.ts");
} else {
  if (!process.argv.includes("--dist")) {
    await mkdir(dirname(trackerOfIngest), { recursive: true });
    await writeFile(trackerOfIngest, tracker);
  }
  await buildPackage(tracker);
}

function printSize(name: string, code: string, bytesMax: number): void {
  const bytes = gzipBytes(code);
  process.stdout.write(`${name}: ${bytes} bytes gzipped, of less than ${bytesMax}\n`);
  if (bytes >= bytesMax) fail(`${name} is too large`);
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
