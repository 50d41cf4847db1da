import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Router } from "express";
import helmet from "helmet";
import { groups } from "../operations/all.ts";
import { describeApi } from "./document.ts";

const OWN = import.meta.dirname;
const SWAGGER_UI = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));

/** By name, where they are: the package has others, among them a page about somebody else's API. */
const FILES = new Map([
  ["page.css", OWN],
  ["page.js", OWN],
  ["swagger-ui.css", SWAGGER_UI],
  ["swagger-ui-bundle.js", SWAGGER_UI],
]);

/**
 * `GET /openapi.json`: the document, made once, here. `GET /docs`: the same for people, with nothing from elsewhere.
 * Neither takes a key: they tell how to ask, and no figure.
 */
export function docsRoutes(): Router {
  const router = Router({ strict: true });
  const text = JSON.stringify(describeApi(groups));
  // Not that of answers, which heeds no times: here they are in examples, and a part of the text.
  const tag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;

  router.get("/openapi.json", (_request, response) => {
    // Asked again each time, and answered with 304 while it is the same.
    response.set({ "Cache-Control": "no-cache", ETag: tag }).type("json").send(text);
  });

  router.use("/docs", pagePolicy());
  // What the page loads is next to it; relative, so that it works below whatever path a proxy has put it.
  router.get("/docs", (_request, response) => response.redirect("docs/"));
  router.get("/docs/", (_request, response) => response.sendFile("page.html", { root: OWN }));
  router.get("/docs/:file", ({ params: { file } }, response, next) => {
    const root = FILES.get(file);
    if (root === undefined) return next();
    response.sendFile(file, { root });
  });

  return router;
}

/**
 * Stricter than helmet's own, but for `upgrade-insecure-requests`: where the API is reached without TLS under another name than
 * localhost, the page's own files would be asked for with it.
 */
function pagePolicy() {
  const own = ["'self'"];
  const none = ["'none'"];
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: none,
      scriptSrc: own,
      styleSrc: own,
      imgSrc: [...own, "data:"],
      connectSrc: own,
      baseUri: none,
      formAction: none,
      frameAncestors: none,
    },
  });
}
