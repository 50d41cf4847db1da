import { isPassed, type Verdict } from "../check/verdict.ts";
import type { Mutant } from "./mutant.ts";

export const PASSED = "passed";
export const CAUGHT = "caught";
export const NOT_TRIED = "NOT TRIED";

/** What is known of a run with a mutant built in, or of one without. */
export type Findings = {
  verdict: Verdict;
  /** Files that a service has read as they were changed. */
  mutated: ReadonlySet<string>;
  /** What a service said of code that cannot run, see broken-code.ts. */
  broken: string | undefined;
};

/**
 * Caught is a mutant that was there, ran, and made that very thing fail which it is known to break. One whose faults this machine
 * cannot have is not tried.
 */
export function wordFor(mutant: Mutant | undefined, { verdict, mutated, broken }: Findings): string {
  if (mutant === undefined) return isPassed(verdict) ? PASSED : "FAILED";
  if (verdict.leftOut.length > 0) return NOT_TRIED;
  const missing = mutant.edits.map(({ file }) => file).filter((file) => !mutated.has(file));
  if (missing.length > 0) return `NOT BUILT IN: ${missing.join(", ")}`;
  if (broken !== undefined) return `DOES NOT RUN: ${broken}`;
  if (isPassed(verdict)) return "NOT CAUGHT";
  const isFound = verdict.checks.some(({ name, isMet }) => !isMet && name === mutant.breaks);
  return isFound ? CAUGHT : `CAUGHT BY ANOTHER: "${mutant.breaks}" held`;
}
