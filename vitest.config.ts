import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{apps,packages}/*/test/**/*.test.ts", "{commands,chaos}/test/**/*.test.ts"],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes when it comes: a slow machine is no failure.
    expect: { poll: { timeout: 15_000 } },
  },
});
