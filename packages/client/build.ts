/**
 * Builds `tracker.js`, which ingest serves, and `dist`, which `npm pack` packs. With `--dist` it builds `dist` alone; with
 * `--check` it builds nothing, and compares ingest's `tracker.js` with its source.
 * Prints the size of the script and of each entry of the package. Ends with 1 and a message when one is too large, when
 * ingest's `tracker.js` is outdated, or when the script has syntax that is newer than 2017.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { buildPackage } from "./build/build-package.ts";
import { bundleTracker, gzipBytes, TRACKER_GZIP_BYTES_MAX, trackerOfIngest } from "./build/bundle-tracker.ts";
import { entrySizes } from "./build/entry-sizes.ts";

const tracker = await bundleTracker();
const bytes = gzipBytes(tracker);
process.stdout.write(`tracker.js: ${bytes} bytes gzipped, of less than ${TRACKER_GZIP_BYTES_MAX}\n`);
if (bytes >= TRACKER_GZIP_BYTES_MAX) fail("tracker.js is too large");
for (const { name, bytes, bytesMax } of await entrySizes()) {
  process.stdout.write(`${name}: ${bytes} bytes gzipped, of less than ${bytesMax}\n`);
  if (bytes >= bytesMax) fail(`the entry ${name} is too large`);
}

if (process.argv.includes("--check")) {
  const served = await readFile(trackerOfIngest, "utf8").catch(() => undefined);
  if (served !== tracker) fail("ingest's tracker.js is outdated: run node packages/client/build.ts");
} else {
  if (!process.argv.includes("--dist")) {
    await mkdir(dirname(trackerOfIngest), { recursive: true });
    await writeFile(trackerOfIngest, tracker);
  }
  await buildPackage(tracker);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
