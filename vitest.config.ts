import { configDefaults, defineConfig } from "vitest/config";

const { FAST_CHECK_RUNS, FAST_CHECK_SEED, FAST_CHECK_PATH, TEST_FRAMEWORKS } = process.env;

/** Real projects of other frameworks: they take minutes to install and build, so they are asked for. */
const FRAMEWORKS = "packages/client/test/frameworks/**";

export default defineConfig({
  test: {
    include: ["{apps,packages}/*/test/**/*.test.ts", "{bench,commands,chaos}/test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(TEST_FRAMEWORKS ? [] : [FRAMEWORKS])],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    // Tests wait for processes and databases half of their time, also where there are no more than two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
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
