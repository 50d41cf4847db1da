import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import { type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import helmet from "helmet";

/** Addresses of the API and of the service, which the dashboard's pages never have. */
const NOT_A_PAGE = /^\/(?:v1|docs|openapi\.json|livez|readyz|assets)(?:\/|$)/;

/** Encodings that the build has written beside each file, the smaller first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** Seconds after which a browser asks again for a dashboard that is being built. */
const BUILDING_SECONDS = 2;
const NAME = /^[\w.-]+$/;

/**
 * The built dashboard: a folder with index.html and what it loads. Its files need no key, because they have no figures. While the
 * folder is not there, its pages say so.
 *
 * @param folder undefined: this service has no dashboard.
 */
export function dashboard(folder: string | undefined): RequestHandler {
  const router = Router({ strict: true, caseSensitive: true });
  if (folder === undefined) return router;
  router.get("/assets/:file", policy(), (request, response, next) => {
    // Their names have a hash of their content.
    send(request, response, next, {
      folder,
      path: join("assets", nameOf(request)),
      cache: "public, max-age=31536000, immutable",
    });
  });
  router.get(["/icon.svg", "/layers.css", "/theme.js"], policy(), (request, response, next) => {
    send(request, response, next, { folder, path: request.path.slice(1), cache: "no-cache" });
  });
  router.get("/{*path}", (request, response, next) => {
    // The address itself is the page for programs too, such as curl and probes that take anything.
    const wanted = request.path === "/" ? request.accepts("html") : request.accepts(["json", "html"]);
    if (NOT_A_PAGE.test(request.path) || wanted !== "html") return next();
    policy()(request, response, () => {
      if (!existsSync(join(folder, "index.html"))) return sendBuilding(response);
      send(request, response, next, { folder, path: "index.html", cache: "no-cache" });
    });
  });
  return router;
}

function nameOf({ params }: Request): string {
  const name = String(params["file"]);
  return NAME.test(name) ? name : "none";
}

function send(
  request: Request,
  response: Response,
  next: NextFunction,
  { folder, path, cache }: { folder: string; path: string; cache: string },
): void {
  const [encoding, suffix] = ENCODINGS.find(
    ([name, end]) => request.acceptsEncodings(name) === name && existsSync(join(folder, path + end)),
  ) ?? [undefined, ""];
  response.set({ "Cache-Control": cache, Vary: "Accept-Encoding" }).type(extname(path));
  if (encoding !== undefined) response.set("Content-Encoding", encoding);
  response.sendFile(path + suffix, { root: folder, cacheControl: false, dotfiles: "deny" }, (error) => {
    if (error === undefined || response.headersSent) return;
    response.removeHeader("Content-Encoding");
    response.removeHeader("Cache-Control");
    next();
  });
}

/** For a dashboard that is being built, which takes seconds. */
function sendBuilding(response: Response): void {
  response
    .status(503)
    .set({
      "Cache-Control": "no-store",
      "Retry-After": String(BUILDING_SECONDS),
      Refresh: String(BUILDING_SECONDS),
    })
    .type("html")
    .send(
      '<!doctype html><html lang="en"><title>model-views</title><h1>The dashboard is being built</h1><p>This page shows it as soon as it is there: seconds after the first start. If it does not come, the log of the start says why.</p></html>',
    );
}

/**
 * Nothing from other hosts, nothing inline. Without `upgrade-insecure-requests`: where the dashboard is reached without TLS under a
 * name other than localhost, the browser would ask for its files with TLS.
 */
function policy(): RequestHandler {
  const own = ["'self'"];
  const none = ["'none'"];
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: own,
      // Charts become pictures on the reader's machine.
      imgSrc: [...own, "blob:"],
      objectSrc: none,
      baseUri: none,
      formAction: own,
      frameAncestors: none,
    },
  });
}
