import { isPassed, type Verdict } from "../check/verdict.ts";
import type { Defect } from "./mutant.ts";

export const PASSED = "passed";
export const CAUGHT = "caught";
export const NOT_TRIED = "NOT TRIED";

/** What is known of a run with a defect built in, or of one without. */
export type Findings = {
  verdict: Verdict;
  /** Files that a service has read as they were changed. */
  sabotaged: ReadonlySet<string>;
  /** What a service said of code that cannot run, see broken-code.ts. */
  broken: string | undefined;
};

/**
 * Caught is a defect that was there, ran, and made that very thing fail which it is known to break. One whose faults this machine
 * cannot have is not tried.
 */
export function wordFor(defect: Defect | undefined, { verdict, sabotaged, broken }: Findings): string {
  if (defect === undefined) return isPassed(verdict) ? PASSED : "FAILED";
  if (verdict.leftOut.length > 0) return NOT_TRIED;
  const missing = defect.edits.map(({ file }) => file).filter((file) => !sabotaged.has(file));
  if (missing.length > 0) return `NOT BUILT IN: ${missing.join(", ")}`;
  if (broken !== undefined) return `DOES NOT RUN: ${broken}`;
  if (isPassed(verdict)) return "NOT CAUGHT";
  const isFound = verdict.checks.some(({ name, isMet }) => !isMet && name === defect.breaks);
  return isFound ? CAUGHT : `CAUGHT BY ANOTHER: "${defect.breaks}" held`;
}
