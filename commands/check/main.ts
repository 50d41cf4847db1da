import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { baseCommit, changedFiles } from "./changed-files.ts";

const help = `
npm run check
npm run check -- --changed [--since REF]

Runs lint, every test and every fault of npm run chaos. Every commit passes it.

  --changed    checks only files that differ from main, committed or not: their format and lint, all types, and those tests
               of their packages that import one of them, directly or not. Often under a minute; minutes for a file that most
               of its package imports. It leaves out the tests of other packages, tests that only start the changed code as a
               process, unused code and chaos
  --since REF  the same for files that differ from this branch or commit

Stops at the first step that fails, with that step's exit code.`;

/** A command and its arguments. */
type Step = [command: string, ...args: string[]];

const EVERYTHING: Step[] = [
  ["npm", "run", "lint"],
  ["npm", "test"],
  ["npm", "run", "chaos"],
];

/** Settings of lint and format: a change of one of these concerns every file. */
const SETTINGS_OF_ALL = /^(biome\.json|\.gitignore)$/;
/** The client has its own compiler settings. */
const CLIENT = /^(packages\/client\/|tsconfig)/;
/** The package of a file: vitest takes it as a filter. */
const PACKAGE = /^((apps|packages)\/[^/]+|bench|chaos|commands)\//;
/** More names than this may be too long for one command: then all files are checked, which takes seconds. */
const FILES_MAX = 500;

await runCommand({
  help,
  async main(args) {
    const { changed, since } = parseArgs({
      args,
      options: { changed: { type: "boolean", default: false }, since: { type: "string" } },
    }).values;
    const steps = changed || since !== undefined ? await stepsForChanges(since) : EVERYTHING;
    for (const step of steps) {
      const exitCode = await runStep(step);
      if (exitCode !== 0) process.exit(exitCode);
    }
  },
});

async function stepsForChanges(since: string | undefined): Promise<Step[]> {
  const base = await baseCommit(since);
  const files = await changedFiles(base);
  if (files.length === 0) {
    process.stdout.write(`Nothing differs from ${base}.\n`);
    return [];
  }
  const isAll = files.length > FILES_MAX || files.some((file) => SETTINGS_OF_ALL.test(file));
  const linted = isAll ? ["."] : ["--no-errors-on-unmatched", "--files-ignore-unknown=true", "--", ...files];
  const client: Step[] = [
    ["tsc", "--noEmit", "-p", "packages/client"],
    ["tsc", "--noEmit", "-p", "packages/client/test"],
  ];
  const packages = [...new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []))];
  const tests: Step[] =
    packages.length === 0 ? [] : [["vitest", "run", "--changed", base, "--passWithNoTests", ...packages]];
  return [
    ["biome", "ci", "--error-on-warnings", ...linted],
    ["tsc", "--noEmit"],
    ...(files.some((file) => CLIENT.test(file)) ? client : []),
    ...tests,
  ];
}

/** Runs a step on this terminal. Returns its exit code, or 1 when a signal ended it. */
async function runStep([command, ...args]: Step): Promise<number> {
  process.stdout.write(`\n> ${[command, ...args].join(" ")}\n`);
  const child = spawn(command, args, { stdio: "inherit" });
  const [exitCode] = (await once(child, "exit")) as [number | null];
  return exitCode ?? 1;
}
