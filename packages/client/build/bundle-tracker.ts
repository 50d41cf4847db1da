import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes of the script as it travels, compressed: less than that. */
export const TRACKER_GZIP_BYTES_MAX = 1_024;

/** Where ingest reads the script from. In git, because the services run without being built. */
export const trackerOfIngest = fileURLToPath(
  new URL("../../../apps/ingest/assets/tracker.js", import.meta.url),
);

const entry = fileURLToPath(new URL("../src/browser/tracker.ts", import.meta.url));

/** Makes `tracker.js` of its source: one function that calls itself, no dependencies, the same bytes each time. */
export async function bundleTracker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    platform: "browser",
    // Browsers since 2020.
    target: ["es2020"],
    legalComments: "none",
    charset: "utf8",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild wrote nothing");
  return file.text;
}

/** Bytes that a text takes when it is sent compressed. */
export function gzipBytes(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}
