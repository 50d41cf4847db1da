import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { extname, join } from "node:path";
import { attributeOf, names, tagOf } from "./routers/apps/site.ts";

/**
 * How a page names its model: by a script tag in its head or body, by its main element, by a tag that its component
 * puts into the head, or by one that it draws in place.
 */
type Naming = "tag in the head" | "tag in the body" | "element" | "tag of a component" | "tag that is drawn";

/** The HTML of a page, given what it shows and what names its model. */
type Layout = (page: { name: string; head: string; main: string; body: string }) => string;

export type RouterSite = {
  router: string;
  naming: Naming;
  pathOf: (name: string) => string;
  /** Absent where the pages are files. */
  layout?: Layout;
};

const head = (content: string) =>
  `<!doctype html><html><head><link rel="icon" href="data:,">${content}</head>`;
const links = names.map((name) => `<a href="/${name}">${name}</a>`).join(" ");

/** A page from a server, with the attributes that mark its body and its container for the router. */
function serverPage({ body = "", main = "" }: { body?: string; main?: string }): Layout {
  return (page) =>
    `${head(`<title>${page.name}</title>${page.head}`)}<body ${body}><nav>${links}</nav>` +
    `<main ${main} ${page.main}><h1>${page.name}</h1>${page.body}</main>`;
}

const plain = serverPage({});
const inHeadAndBody: Naming[] = ["tag in the head", "tag in the body"];
const swupStyle = "<style>main { transition: opacity 50ms } html.is-animating main { opacity: 0 }</style>";
const animated = serverPage({ main: `class="transition-main"` });

/** Routers that put pages of a server in place. */
const servers: [router: string, layout: Layout, namings: Naming[]][] = [
  ["turbo", plain, inHeadAndBody],
  ["turbolinks", plain, inHeadAndBody],
  ["htmx", serverPage({ body: `hx-boost:inherited="true"` }), inHeadAndBody],
  ["htmx-2", serverPage({ body: `hx-boost="true"` }), inHeadAndBody],
  ["swup", (page) => animated({ ...page, head: swupStyle + page.head }), inHeadAndBody],
  // These leave the head of a page alone.
  ["swup-without-scripts", plain, ["tag in the body"]],
  [
    "barba",
    serverPage({ body: `data-barba="wrapper"`, main: `data-barba="container"` }),
    ["tag in the body"],
  ],
  ["unpoly", plain, ["tag in the body"]],
  // It removes scripts from the new part, and runs copies without their attributes.
  ["pjax", plain, ["element"]],
  // These prefetch the next page, and navigate as links do.
  ["instant-page", plain, ["tag in the head"]],
  ["quicklink", plain, ["tag in the head"]],
];

const application: Layout = (page) => `${head(page.head)}<body><div id="app"></div>`;

/** Routers that draw pages themselves. */
const applications: [router: string, prefix: string, namings: Naming[]][] = [
  ["react-router", "/", ["element", "tag of a component", "tag that is drawn"]],
  ["tanstack-router", "/", ["element"]],
  ["wouter", "/", ["element"]],
  ["wouter-hash", "/#/", ["element", "tag of a component"]],
  ["vue-router", "/", ["element", "tag of a component"]],
  ["vue-router-hash", "/#/", ["element", "tag of a component"]],
  ["preact-iso", "/", ["element", "tag of a component"]],
  ["svelte-navaid", "/", ["element", "tag of a component"]],
  ["navigo", "/", ["element", "tag of a component"]],
  ["page", "/", ["element"]],
  ["mithril", "/#!/", ["element", "tag of a component"]],
];

/** Every router, with the ways of naming a model that pages have with it. */
export const routerSites: RouterSite[] = [
  ...servers.flatMap(([router, layout, namings]) =>
    namings.map((naming) => ({ router, naming, layout, pathOf: (name: string) => `/${name}` })),
  ),
  { router: "astro", naming: "tag in the head", pathOf: (name) => `/head/${name}/` },
  { router: "astro", naming: "tag in the body", pathOf: (name) => `/body/${name}/` },
  ...applications.flatMap(([router, prefix, namings]) =>
    namings.map((naming) => ({
      router,
      naming,
      layout: application,
      pathOf: (name: string) => prefix + name,
    })),
  ),
];

/** Serves a website, from the folder of the bundles. */
export function serveRouterSite(site: RouterSite, bundles: string, ingestUrl: string): RequestListener {
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://website");
    const file = join(bundles, site.layout ? pathname : `astro${pathname.replace(/\/$/, "/index.html")}`);
    const isFile = extname(file) !== "" && existsSync(file);
    const type = extname(file) === ".js" ? "javascript" : "html";
    response.writeHead(200, { "Content-Type": `text/${type}; charset=utf-8` });
    const content = isFile ? await readFile(file, "utf8") : pageOf(site, pathname.slice(1));
    response.end(content.replaceAll("http://ingest.example", ingestUrl));
  };
}

function pageOf({ router, naming, layout }: RouterSite, name: string): string {
  const tag = {
    "tag in the head": tagOf(name),
    "tag in the body": "",
    "tag of a component": "",
    // These need the script, which names no model.
    "tag that is drawn": tagOf(""),
    element: tagOf(""),
  }[naming];
  const page = layout?.({
    name,
    head: `<script defer src="/${router}.js"></script>${tag}`,
    main: naming === "element" ? attributeOf(name) : "",
    body: naming === "tag in the body" ? tagOf(name) : "",
  });
  return page?.replace("<html>", `<html data-naming="${naming}">`) ?? "";
}
