import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { baseCommit, changedFiles } from "./changed-files.ts";

const help = `
npm run check
npm run check -- --changed [--since REF]

Lint, every test and every fault of npm run chaos: every commit passes it.

--changed checks only what differs from main (or from REF), whether committed or not: format and lint of these files, all
types, and those tests of their packages that import one of them, directly or not. Often under a minute; a file that most of
its package imports takes minutes. It does not run the tests of other packages, tests that only start the changed code as a
process, unused code and chaos: the whole check does.

It stops at the first step that fails, with that step's exit code.`;

/** A command and its arguments. */
type Step = [command: string, ...args: string[]];

const EVERYTHING: Step[] = [
  ["npm", "run", "lint"],
  ["npm", "test"],
  ["npm", "run", "chaos"],
];

/** What each file is checked by: a change of one of these is a change of all. */
const SETTINGS_OF_ALL = /^(biome\.json|\.gitignore)$/;
/** The client has compiler settings of its own. */
const CLIENT = /^(packages\/client\/|tsconfig)/;
/** The package that a file is in: vitest takes it as a filter. */
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
  const isOfAll = files.length > FILES_MAX || files.some((file) => SETTINGS_OF_ALL.test(file));
  const linted = isOfAll
    ? ["."]
    : ["--no-errors-on-unmatched", "--files-ignore-unknown=true", "--", ...files];
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

/** Runs a step with this terminal as its own; its exit code, or 1 when a signal ended it. */
async function runStep([command, ...args]: Step): Promise<number> {
  process.stdout.write(`\n> ${[command, ...args].join(" ")}\n`);
  const child = spawn(command, args, { stdio: "inherit" });
  const [exitCode] = (await once(child, "exit")) as [number | null];
  return exitCode ?? 1;
}
