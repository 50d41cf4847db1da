/** A website of a framework. */
type Site = {
  /** Scripts for Node, in the site's folder, that build it and start it. */
  build?: readonly string[];
  start: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Whether a page is fetched when its link is hovered; else its code at most. */
  fetchesAhead: boolean;
};

export type Framework = "sveltekit" | "nuxt" | "react-router" | "astro" | "express" | "static";

export const SITES: Record<Framework, Site> = {
  sveltekit: {
    build: ["node_modules/vite/bin/vite.js", "build"],
    start: ["build/index.js"],
    env: { PROTOCOL_HEADER: "x-forwarded-proto", ADDRESS_HEADER: "x-real-ip" },
    fetchesAhead: true,
  },
  nuxt: {
    build: ["node_modules/nuxt/bin/nuxt.mjs", "build"],
    start: [".output/server/index.mjs"],
    fetchesAhead: false,
  },
  "react-router": {
    build: ["node_modules/@react-router/dev/bin.cjs", "build"],
    start: ["node_modules/@react-router/serve/bin.cjs", "build/server/index.js"],
    fetchesAhead: true,
  },
  astro: {
    build: ["node_modules/astro/bin/astro.mjs", "build"],
    start: ["dist/server/entry.mjs"],
    fetchesAhead: true,
  },
  express: {
    start: ["server.js"],
    fetchesAhead: true,
  },
  static: {
    start: ["server.js"],
    fetchesAhead: true,
  },
};

export const FRAMEWORKS = Object.keys(SITES) as Framework[];
