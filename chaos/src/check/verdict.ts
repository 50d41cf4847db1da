/** One thing that must be true, and whether it is. */
export type Check = {
  name: string;
  isMet: boolean;
  /** What was found, in a few words. */
  found: string;
  /** What is wrong, one line each; at most {@link EXAMPLES_MAX} are printed. */
  examples: readonly string[];
};

/** The result of a run. */
export type Verdict = {
  checks: readonly Check[];
  /** Rows of a table: what, and how much. */
  summary: readonly (readonly [what: string, howMuch: string])[];
  /** Faults that are not possible on this machine, with the reason. */
  leftOut: readonly string[];
};

export const EXAMPLES_MAX = 20;

export function isPassed({ checks }: Verdict): boolean {
  return checks.every(({ isMet }) => isMet);
}

/** Names of the checks that mutants break; those about views are in check-views.ts. */
export const ROLLUPS_DIFFER = "rollups that differ from the views";
export const NOT_FINALIZED = "finalizing beside all of it";
export const JOBS_FAILED = "jobs that failed, and garbage that did not";
export const SERVICE_DIED = "ingests and stats APIs that ended unexpectedly";
export const EMPTY = "queue and spools become empty";
export const NOT_CUT_OFF = "clients that send many requests at once and are not cut off";
export const LATER_GONE = "jobs of a later version that no longer wait";
export const STATS_UNANSWERED = "what the stats API does not answer after the last fault";
export const STATS_LEFT_OPEN = "connections of the stats API that are busy though no question is open";
export const NOT_DRAINED = "spools that are not drained while their disk is full";
export const READERS_HELD_UP = "readers that wait for others that do not read";
export const UNSAFE_SPOOLING = "batches spooled in a way that a power cut could undo";
export const UNACCOUNTED =
  "looks at which queued views were neither recorded nor on the queue, or recorded without being queued";
