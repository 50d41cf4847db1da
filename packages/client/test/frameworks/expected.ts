import type { Framework } from "./sites.ts";

/** How a website counts. */
export type Way =
  /** The script tag, from ingest's own host. */
  | "script"
  /** The script's pages in a browser without script: the picture in `<noscript>`. */
  | "pixel"
  /** `<TrackView>` of React, which posts to the website, which passes the views on. */
  | "component"
  /** The script tag, from the website's own host, which passes everything on. */
  | "passed-on"
  /** A server function, with the framework's own cookies. */
  | "server";

/** Part of a website in which one way counts. Those without script see the pages of the script tag. */
export type Section = Exclude<Way, "pixel">;
export const SECTION: Record<Way, Section> = {
  script: "script",
  pixel: "script",
  component: "component",
  "passed-on": "passed-on",
  server: "server",
};

/** Whose cookie it is: ingest's own where the browser asks ingest itself. */
export function cookieHost(way: Way): string {
  return SECTION[way] === "script" ? "views.agency.localhost" : "www.agency.localhost";
}

/** Views and viewers of Anna and Bella that a step adds. */
export type Added = Partial<Record<"anna" | "bella", [views: number, viewers: number]>>;
/** The same, or why there is no such step. */
export type Cell = Added | string;

const NOTHING: Cell = {};

/** What is expected of every framework in every way. */
export const EVERYWHERE = {
  "first visit of Anna": { anna: [1, 1] },
  reload: { anna: [1, 0] },
  "by the list to Bella": { bella: [1, 1] },
  "from Bella to Anna": { anna: [1, 0] },
  back: { bella: [1, 0] },
  "hidden and shown again": NOTHING,
  "HEAD requests": NOTHING,
  "another person hovers the link to Anna": NOTHING,
  "and follows it": { anna: [1, 1] },
  "Sec-GPC": { anna: [1, 1] },
  "Sec-GPC, a second time": { anna: [1, 0] },
  "Sec-GPC, somebody in another network": { anna: [1, 1] },
} as const satisfies Record<string, Cell>;

export type Step = keyof typeof EVERYWHERE;
export type Cells = Record<Step, Cell>;

const WITHOUT_SCRIPT: Partial<Cells> = {
  // The browser shows the page as it has kept it, with its pictures.
  back: NOTHING,
  "hidden and shown again": "no script of ours is there to hear of it",
  "another person hovers the link to Anna": "pages are fetched ahead by script",
};

/** The ways of each framework, with what is other than everywhere. A way that is missing cannot be. */
export const MATRIX: Record<Framework, Partial<Record<Way, Partial<Cells>>>> = {
  sveltekit: { script: {}, pixel: WITHOUT_SCRIPT, "passed-on": {}, server: {} },
  nuxt: { script: {}, pixel: WITHOUT_SCRIPT, "passed-on": {}, server: {} },
  "react-router": { script: {}, pixel: WITHOUT_SCRIPT, component: {}, "passed-on": {}, server: {} },
  astro: { script: {}, pixel: WITHOUT_SCRIPT, "passed-on": {}, server: {} },
  express: {
    script: {},
    pixel: WITHOUT_SCRIPT,
    "passed-on": {},
    // The view is counted when the page is asked for, and the browser shows the page as it has kept it.
    server: { back: NOTHING },
  },
};

export function expectedOf(framework: Framework, way: Way): Cells {
  return { ...EVERYWHERE, ...MATRIX[framework][way] };
}
