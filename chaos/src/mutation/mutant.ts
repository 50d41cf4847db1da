/** A change to a source that must be found exactly once. */
export type Edit = {
  /** Path from the project's root. */
  file: string;
  find: string;
  put: string;
};

/** How the faults are chosen that bring a mutant to light, see scenarios.ts. */
export type ScenarioName =
  | "spooling"
  | "worker-kills"
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

/** A mistake that somebody could make, and that the harness has to notice. */
export type Mutant = {
  name: string;
  /** For people. */
  what: string;
  /** Which services have it; the others are as they should be. */
  services: readonly ServiceKind[];
  scenario: ScenarioName;
  /** Name of the check that must find it: another that fails is no proof. */
  breaks: string;
  edits: readonly Edit[];
};

/** Names the mutant to the service that is to have it. */
export const MUTANT_VARIABLE = "CHAOS_MUTANT";
