import { defineConfig } from "vitest/config";

const { FAST_CHECK_RUNS, FAST_CHECK_SEED, FAST_CHECK_PATH } = process.env;

export default defineConfig({
  test: {
    include: ["{apps,packages}/*/test/**/*.test.ts", "{bench,commands,chaos}/test/**/*.test.ts"],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    // Tests wait for processes and databases most of their time: more at once than there are cores take half as long.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes when it comes: a slow machine is no failure.
    expect: { poll: { timeout: 15_000 } },
    provide: {
      fastCheck: {
        numRuns: Number(FAST_CHECK_RUNS ?? 25),
        seed: FAST_CHECK_SEED === undefined ? undefined : Number(FAST_CHECK_SEED),
        path: FAST_CHECK_PATH,
      },
    },
  },
});
