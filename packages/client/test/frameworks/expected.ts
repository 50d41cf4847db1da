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
export const SECTIONS: readonly Section[] = ["script", "component", "passed-on", "server"];
export const SECTION: Record<Way, Section> = {
  script: "script",
  pixel: "script",
  component: "component",
  "passed-on": "passed-on",
  server: "server",
};

/** The host of the cookie: ingest's where the browser sends its requests to ingest. */
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
  "counted in another way": { anna: [1, 0] },
  "Sec-GPC": { anna: [1, 1] },
  "Sec-GPC, a second time": { anna: [1, 0] },
  "Sec-GPC, a person in another network": { anna: [1, 1] },
} as const satisfies Record<string, Cell>;

export type Step = keyof typeof EVERYWHERE;
export type Cells = Record<Step, Cell>;

const FROM_INGEST: Partial<Cells> = {
  // The cookie is that of ingest's host, and the website's server has another.
  "counted in another way": { anna: [1, 1] },
  "Sec-GPC, a person in another network": "every browser of the tests is in one network",
};

const WITHOUT_SCRIPT: Partial<Cells> = {
  ...FROM_INGEST,
  // The browser shows the page from its cache, with its pictures.
  back: NOTHING,
  "counted in another way": "every other way but the server's needs script",
  "hidden and shown again": "no script of ours is there to hear of it",
  "another person hovers the link to Anna": "pages are fetched ahead by script",
};

/** The ways of each framework, with what is other than everywhere. A way that is missing cannot be. */
export const MATRIX: Record<Framework, Partial<Record<Way, Partial<Cells>>>> = {
  sveltekit: { script: FROM_INGEST, pixel: WITHOUT_SCRIPT, "passed-on": {}, server: {} },
  nuxt: { script: FROM_INGEST, pixel: WITHOUT_SCRIPT, "passed-on": {}, server: {} },
  "react-router": { script: FROM_INGEST, pixel: WITHOUT_SCRIPT, component: {}, "passed-on": {}, server: {} },
  astro: { script: FROM_INGEST, pixel: WITHOUT_SCRIPT, "passed-on": {}, server: {} },
  express: {
    script: FROM_INGEST,
    pixel: WITHOUT_SCRIPT,
    "passed-on": {},
    // The view is counted when the page is requested, and the browser shows the page from its cache.
    server: { back: NOTHING },
  },
  static: {
    script: { ...FROM_INGEST, "counted in another way": "there is no other" },
    pixel: WITHOUT_SCRIPT,
  },
};

export function expectedOf(framework: Framework, way: Way): Cells {
  return { ...EVERYWHERE, ...MATRIX[framework][way] };
}
