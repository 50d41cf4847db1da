import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Response, Router } from "express";
import helmet from "helmet";
import { z } from "zod";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";

/** It needs no key: it shows how to ask, and no stats. */
export const documentRoute = defineRoute({
  id: "getDocument",
  method: "get",
  path: "/openapi.json",
  summary: "This document",
  access: "none",
  answers: {
    200: {
      description: "OpenAPI 3.1",
      json: { Document: z.looseObject({ openapi: z.string() }) },
      headers: ["ETag"],
    },
  },
  examples: {},
  handle({ response }, { document: { text, tag } }: Pick<RouteDeps, "document">) {
    // Clients ask each time, and get a 304 while the document is the same. `send` takes the text instead of the object.
    const sending: Response = response.set({ "Cache-Control": "no-cache", ETag: tag }).type("json");
    sending.send(text);
  },
});

const PAGE = fileURLToPath(new URL("../openapi/page", import.meta.url));
const SWAGGER_UI = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));

/** Where each file is. The package has more, among them a page about another API. */
const FILES = new Map([
  ["page.css", PAGE],
  ["page.js", PAGE],
  ["swagger-ui.css", SWAGGER_UI],
  ["swagger-ui-bundle.js", SWAGGER_UI],
]);

/** `GET /docs`: the document as a page. It loads nothing from other hosts. It needs no key. */
export function docsPage(): Router {
  const router = Router({ strict: true });
  router.use("/docs", pagePolicy());
  // The page loads its files by relative paths, so that it also works behind a proxy that adds a path.
  router.get("/docs", (_request, response) => response.redirect("docs/"));
  router.get("/docs/", (_request, response) => response.sendFile("page.html", { root: PAGE }));
  router.get("/docs/:file", ({ params: { file } }, response, next) => {
    const root = FILES.get(file);
    if (root === undefined) return next();
    response.sendFile(file, { root });
  });
  return router;
}

/**
 * Stricter than helmet's default, but without `upgrade-insecure-requests`: where the API is reached without TLS under a
 * name other than localhost, the browser would ask for the page's files with TLS.
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
