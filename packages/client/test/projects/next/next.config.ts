import type { NextConfig } from "next";

export default {
  // The types are checked by another test, and nothing is built twice here.
  typescript: { ignoreBuildErrors: true },
  experimental: { turbopackFileSystemCacheForBuild: false },
} satisfies NextConfig;
