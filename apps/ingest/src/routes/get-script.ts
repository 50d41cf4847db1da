import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import { Router } from "express";
import { DEFAULT_PATHS, type PublicPaths } from "./public-paths.ts";

/** What `packages/client` builds. */
const SCRIPT_FILE = fileURLToPath(new URL("../../assets/tracker.js", import.meta.url));
const SHORT_CACHE_SECONDS = 3_600;
const LONG_CACHE_SECONDS = 31_536_000;
/** Hexadecimal digits of the script's hash in its pinned address. */
const PIN_DIGITS = 12;
/** Where pages of before have it from. */
const FORMER_PATH = "/tracker.js";

/** The script as it is served, all of it in memory. */
export type Script = {
  text: Buffer;
  gzipped: Buffer;
  etag: string;
  /** An address with the hash of the script in it: what is there never changes. */
  pinnedPath: string;
  /** For the tag's `integrity`, with the pinned address (https://www.w3.org/TR/SRI/). */
  integrity: string;
};

/**
 * Reads the script. Where views are posted to another path than the usual one, the script posts there too.
 *
 * @throws when the script is missing, or does not name the path that it posts to exactly once.
 */
export function loadScript({ script: path, views }: PublicPaths): Script {
  const parts = readFileSync(SCRIPT_FILE, "utf8").split(JSON.stringify(DEFAULT_PATHS.views));
  if (parts.length !== 2) throw new Error(`${SCRIPT_FILE} must name "${DEFAULT_PATHS.views}" once`);
  const text = Buffer.from(parts.join(JSON.stringify(views)));
  const pin = createHash("sha256").update(text).digest("hex").slice(0, PIN_DIGITS);
  return {
    text,
    gzipped: gzipSync(text, { level: 9 }),
    etag: `"${pin}"`,
    pinnedPath: path.replace(/\.js$/, `-${pin}.js`),
    integrity: `sha384-${createHash("sha384").update(text).digest("base64")}`,
  };
}

/**
 * `GET /model-views.js`: the script that a website puts into its pages, and the same at its pinned address. Open to every
 * page, so that a tag with `crossorigin` or `integrity` may load it. The pinned address of another script is a 404 of its
 * own, of which the owner is warned: that page does not count.
 */
export function scriptRoutes({ script: path }: Pick<PublicPaths, "script">, script: Script): Router {
  const router = Router();
  const pinnedPrefix = path.replace(/\.js$/, "-");
  router.get([path, FORMER_PATH, script.pinnedPath], (request, response) => {
    const isPinned = request.path === script.pinnedPath;
    response.set({
      "Content-Type": "text/javascript; charset=utf-8",
      "Cache-Control": isPinned
        ? `public, max-age=${LONG_CACHE_SECONDS}, immutable`
        : `public, max-age=${SHORT_CACHE_SECONDS}`,
      "Access-Control-Allow-Origin": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
      ETag: script.etag,
      Vary: "Accept-Encoding",
    });
    if (request.acceptsEncodings("gzip")) response.set("Content-Encoding", "gzip").send(script.gzipped);
    else response.send(script.text);
  });
  router.get(/-[0-9a-f]{12}\.js$/, (request, response, next) => {
    if (!request.path.startsWith(pinnedPrefix)) return next();
    sendProblem(
      response,
      problem("outdated-script", 404, "A page asks for the script at an address of before"),
    );
  });
  return router;
}
