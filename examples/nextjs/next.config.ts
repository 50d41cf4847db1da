import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const config: NextConfig = {
  cacheComponents: true,
  partialPrefetching: true,
  // Counts are refreshed after ten seconds. While the stats API is down the last ones are shown, for up to a week.
  cacheLife: { stats: { stale: 30, revalidate: 10, expire: 7 * 24 * 3_600 } },
  cacheHandlers: { default: fileURLToPath(new URL("./cache-handler.mjs", import.meta.url)) },
  // The repository around this folder is not part of the site.
  turbopack: { root: import.meta.dirname },
};

export default config;
