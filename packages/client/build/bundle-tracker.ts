import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parse } from "acorn";
import { build } from "esbuild";
import { minify } from "uglify-js";

/** The compressed script must be smaller than this, in bytes. */
export const TRACKER_GZIP_BYTES_MAX = 1_024;
/** The newest syntax in the script: browsers since 2017 read it. */
const ECMA_VERSION = 2017;

/** The file that ingest serves. It is in git, because the services run without a build step. */
export const trackerOfIngest = fileURLToPath(
  new URL("../../../apps/ingest/assets/tracker.js", import.meta.url),
);

const entry = fileURLToPath(new URL("../src/browser/tracker.ts", import.meta.url));

/**
 * Builds `tracker.js` from its source: one function that calls itself, no dependencies, the same bytes each time.
 *
 * @throws {SyntaxError} when the result has syntax that browsers of 2017 cannot parse.
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
  // esbuild bundles the modules and lowers the syntax; UglifyJS makes the result 7% smaller.
  const { code, error } = minify(outputFiles[0]?.text ?? "", { compress: { passes: 3 } });
  if (error) throw error;
  assertOldSyntax(code);
  return code;
}

/** @throws {SyntaxError} that names the position. */
export function assertOldSyntax(code: string): void {
  parse(code, { ecmaVersion: ECMA_VERSION, sourceType: "script" });
}

/** The size of a text when it is sent compressed, in bytes. */
export function gzipBytes(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}
