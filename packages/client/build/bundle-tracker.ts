import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parse } from "acorn";
import { build } from "esbuild";
import { minify } from "uglify-js";

/** Bytes of the script as it travels, compressed: less than that. */
export const TRACKER_GZIP_BYTES_MAX = 1_024;
/** The newest syntax in the script: browsers since 2017 read it. */
const ECMA_VERSION = 2017;

/** Where ingest reads the script from. In git, because the services run without being built. */
export const trackerOfIngest = fileURLToPath(
  new URL("../../../apps/ingest/assets/tracker.js", import.meta.url),
);

const entry = fileURLToPath(new URL("../src/browser/tracker.ts", import.meta.url));

/**
 * Makes `tracker.js` of its source: one function that calls itself, no dependencies, the same bytes each time.
 *
 * @throws SyntaxError when the result has syntax that browsers of 2017 do not know.
 */
export async function bundleTracker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: [`es${ECMA_VERSION}`],
    legalComments: "none",
    charset: "utf8",
  });
  // esbuild brings the modules and the syntax down to one old script; UglifyJS makes 7% less of it.
  const { code, error } = minify(outputFiles[0]?.text ?? "", { compress: { passes: 3 } });
  if (error) throw error;
  assertOldSyntax(code);
  return code;
}

/** @throws SyntaxError that names the place. */
export function assertOldSyntax(code: string): void {
  parse(code, { ecmaVersion: ECMA_VERSION, sourceType: "script" });
}

/** Bytes that a text takes when it is sent compressed. */
export function gzipBytes(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}
