import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPassed, type Verdict } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

export const PASSED = "passed";
export const CAUGHT = "caught";
export const NOT_TRIED = "NOT TRIED";

/** The findings about a run, with a mutant or without. */
export type Findings = {
  verdict: Verdict;
  /** Files that a service has loaded with the mutant in them. */
  mutated: ReadonlySet<string>;
  /** The error of a service whose code cannot run, see {@link brokenCode}. */
  broken: string | undefined;
};

/**
 * The outcome in words. A mutant is caught when it was loaded, ran, and made the check fail that it is known to break. A mutant is not
 * tried when its faults are not possible on this machine.
 */
export function outcomeOf(mutant: Mutant | undefined, { verdict, mutated, broken }: Findings): string {
  if (mutant === undefined) return isPassed(verdict) ? PASSED : "FAILED";
  if (verdict.leftOut.length > 0) return NOT_TRIED;
  const missing = mutant.edits.map(({ file }) => file).filter((file) => !mutated.has(file));
  if (missing.length > 0) return `NOT BUILT IN: ${missing.join(", ")}`;
  if (broken !== undefined) return `DOES NOT RUN: ${broken}`;
  if (isPassed(verdict)) return "NOT CAUGHT";
  const isFound = verdict.checks.some(({ name, isMet }) => !isMet && name === mutant.breaks);
  return isFound ? CAUGHT : `CAUGHT BY ANOTHER CHECK: not by "${mutant.breaks}"`;
}

/** Errors of JavaScript: of a change that no longer fits the code around it. */
const BROKEN = /\b(ReferenceError|SyntaxError|TypeError): [^\\"]*/;

/**
 * The error of a service whose code cannot run. A mutant that no longer fits the code around it makes the service crash. Any check
 * would notice that, and it proves nothing about the bug that was meant.
 *
 * @param logs folder of the services' logs.
 * @returns the first such error; undefined when there is none.
 */
export async function brokenCode(logs: string): Promise<string | undefined> {
  const services = (await readdir(logs))
    .filter((name) => /^(ingest|worker|stats-api)-\d+\.log$/.test(name))
    .sort();
  for (const name of services) {
    const found = BROKEN.exec(await readFile(join(logs, name), "utf8"));
    if (found !== null) return `${name}: ${found[0]}`;
  }
  return undefined;
}
