/** One thing that must hold, and whether it does. */
export type Check = {
  name: string;
  isMet: boolean;
  /** What was found, in a few words. */
  found: string;
  /** What does not hold, one line each; at most {@link EXAMPLES_MAX} are shown. */
  examples: readonly string[];
};

/** What a run came to. */
export type Verdict = {
  checks: readonly Check[];
  /** Rows of a table: what, and how much. */
  figures: readonly (readonly [what: string, howMuch: string])[];
  /** Faults that this machine could not have, with the reason. */
  leftOut: readonly string[];
};

export const EXAMPLES_MAX = 20;

export function isPassed({ checks }: Verdict): boolean {
  return checks.every(({ isMet }) => isMet);
}
