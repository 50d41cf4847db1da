/** A website of a framework: what builds it and what starts it, each a script for Node in the site's folder. */
export type Site = {
  build?: readonly string[];
  start: readonly string[];
  env?: Record<string, string>;
  /** Whether a page is fetched when its link is hovered; else its code at most. */
  fetchesAhead: boolean;
};

export type Framework = keyof typeof SITES;

export const SITES = {
  sveltekit: {
    build: ["node_modules/vite/bin/vite.js", "build"],
    start: ["build/index.js"],
    // As behind any proxy: without the first, SvelteKit takes each page's own posts for those of another site.
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
} as const satisfies Record<string, Site>;
