import type { NextConfig } from "next";

export default {
  // The types are checked beside the build, by the test.
  typescript: { ignoreBuildErrors: true },
} satisfies NextConfig;
