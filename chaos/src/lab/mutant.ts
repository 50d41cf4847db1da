/** A change to a source that must be found exactly once. */
export type Edit = {
  /** Path from the project's root. */
  file: string;
  find: string;
  put: string;
};

/** Which faults are needed to catch a mutant, see scenarios.ts. */
export type ScenarioName =
  | "spooling"
  | "worker-kills"
  | "finalizing"
  | "erasures"
  | "same-job"
  | "bad-views"
  | "later-jobs"
  | "clients"
  | "readers"
  | "clocks"
  | "redis-disk"
  | "spool-disk"
  | "postgres-disk"
  | "rights";

export type ServiceKind = "ingest" | "worker" | "stats-api";

/** A bug that a developer could make, and that the harness must catch. */
export type Mutant = {
  name: string;
  /** For people. */
  what: string;
  /** The services that have it; the others are unchanged. */
  services: readonly ServiceKind[];
  scenario: ScenarioName;
  /** Name of the check that must fail: the failure of another check is no proof. */
  breaks: string;
  edits: readonly Edit[];
};

/** Has the mutant's name, in the environment of a service that has it. */
export const MUTANT_VARIABLE = "CHAOS_MUTANT";

/**
 * Makes one change to a source.
 *
 * @throws unless the text is there exactly once: a refactoring must not remove a mutant unnoticed.
 */
export function editSource(source: string, { file, find, put }: Edit): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} has ${source.split(find).length - 1} times, and not once, the text:\n${find}`);
  }
  return before + put + after;
}
