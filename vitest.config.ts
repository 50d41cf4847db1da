import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const { FAST_CHECK_RUNS, FAST_CHECK_SEED, FAST_CHECK_PATH, TEST_FRAMEWORKS } = process.env;

/** Real projects of frameworks, routers and compilers, and the example on Next.js: they take minutes, so `npm run test:frameworks` runs them. */
const FRAMEWORKS = [
  "packages/client/test/frameworks/**",
  "packages/client/test/projects*.test.ts",
  "packages/client/test/routers.test.ts",
  "packages/client/test/nextjs/**",
];

// Test files and the processes that they start load hundreds of modules each: compiled once, for this run and the next.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL(".cache/compiled", import.meta.url));

export default defineConfig({
  test: {
    include: ["{apps,packages}/*/test/**/*.test.ts", "{bench,commands,chaos}/test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(TEST_FRAMEWORKS ? [] : FRAMEWORKS)],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    // The files of a worker share its process and its modules, because loading these is most of a small file's time. Our
    // modules keep no state; vitest restores mocks between files, and the setup file timers and globals.
    isolate: false,
    setupFiles: ["packages/testing/src/each-file.ts"],
    // Tests wait for processes and databases much of their time, also where there are no more than two cores.
    maxWorkers: 3,
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
